import { handle, PermanentError, RetryError } from "../../core/job/handler.ts";
import type { JobContext } from "../../core/job/handler.ts";
import type { PayloadOf } from "../../core/job/job_type.ts";
import { systemProbe } from "./definition.ts";

type Payload = PayloadOf<typeof systemProbe>;

/** The probe's handler: it waits, reports, and fails or succeeds as the payload requests. */
export const probe = handle(systemProbe, async (payload, ctx) => {
  const { work_ms, steps, ignore_signal } = payload;
  for (let step = 1; step <= steps && work_ms > 0; step++) {
    await pause(work_ms / steps, ignore_signal ? undefined : ctx.signal);
    ctx.progress({ step, steps });
  }
  if (ctx.attempt <= payload.fail_attempts) throw failureOf(payload, ctx);
  return { attempt: ctx.attempt, echo: payload.echo ?? null };
});

function failureOf(payload: Payload, ctx: JobContext): Error {
  const message = `attempt ${ctx.attempt} of ${payload.fail_attempts} that fail on purpose`;
  if (payload.fail_with === "permanent") {
    return new PermanentError(message, { code: "probe_failed" });
  }
  if (payload.fail_with === "error") return new Error(message);
  return new RetryError(message, { afterMs: payload.retry_after_ms, code: "probe_retry" });
}

function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const stop = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", stop);
      resolve();
    }, ms);
    signal?.addEventListener("abort", stop, { once: true });
  });
}
