import { z } from "zod";
import { handle, RetryError } from "../../../../../shared/core/job/handler.ts";
import { defineJob } from "../../../../../shared/core/job/job_type.ts";

/** Reports its attempt to the receiver, works, and fails `fail_attempts` times. */
export const effect = defineJob({
  type: "chaos.effect",
  payload: z.strictObject({
    work_ms: z.int().min(0).default(0),
    fail_attempts: z.int().min(0).default(0),
    retry_after_ms: z.int().min(0).optional(),
  }),
  timeoutMs: 60_000,
  maxAttempts: 50,
  backoff: { baseMs: 100, capMs: 1_000 },
});

/** A job that no worker can do. */
export const poison = defineJob({
  type: "chaos.poison",
  payload: z.strictObject({ kind: z.enum(["throws", "hangs", "exits", "nul", "huge"]) }),
  timeoutMs: 300,
  maxAttempts: 3,
  backoff: { baseMs: 50, capMs: 200 },
});

/** Handlers that report every attempt to `receiverUrl`. */
export function chaosHandlers(receiverUrl: string) {
  return [
    handle(effect, async (payload, ctx) => {
      const body = JSON.stringify({ job: ctx.jobId, attempt: ctx.attempt });
      const reply = await fetch(`${receiverUrl}/effect`, { method: "POST", body });
      await reply.body?.cancel();
      if (payload.work_ms > 0) await work(payload.work_ms, ctx.signal);
      if (ctx.attempt <= payload.fail_attempts) throw failure(payload.retry_after_ms);
      return { attempt: ctx.attempt };
    }),
    handle(poison, (payload, _ctx) => {
      if (payload.kind === "throws") throw new Error("poison \0 with a NUL");
      if (payload.kind === "hangs") return new Promise(() => {});
      if (payload.kind === "exits") Deno.exit(9);
      return { text: payload.kind === "nul" ? "\0" : "x".repeat(10_000_000) };
    }),
  ];
}

function failure(afterMs: number | undefined): Error {
  if (afterMs === undefined) return new Error("meant to fail");
  return new RetryError("meant to fail", { afterMs });
}

function work(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      reject(signal.reason);
    }, { once: true });
  });
}
