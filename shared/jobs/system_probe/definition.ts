import * as z from "zod";
import { defineJob } from "../../core/job/job_type.ts";
import { anyJson } from "../../core/job/number_schemas.ts";

/**
 * A job that behaves as its payload requests: it takes time, reports progress, and fails on
 * purpose. Use it for demonstrations, tests, or to try out a deployment. It has no effects.
 */
export const systemProbe = defineJob({
  type: "system.probe",
  payload: z.strictObject({
    /** Milliseconds of waiting before the outcome. */
    work_ms: z.int().min(0).max(600_000).default(0),
    /** Number of steps of the wait, each reported as progress. */
    steps: z.int().min(1).max(1_000).default(1),
    /** Number of first attempts that fail. */
    fail_attempts: z.int().min(0).max(1_000).default(0),
    fail_with: z.enum(["error", "retry", "permanent"]).default("error"),
    /** With `fail_with: retry`: milliseconds until the next attempt. */
    retry_after_ms: z.int().min(0).max(600_000).default(1_000),
    /** True to continue after the signal, as a faulty handler would. */
    ignore_signal: z.boolean().default(false),
    echo: anyJson().optional(),
  }),
  result: z.object({ attempt: z.int(), echo: anyJson().nullable() }),
  timeoutMs: 60_000,
  maxAttempts: 5,
  backoff: { baseMs: 500, capMs: 10_000 },
});
