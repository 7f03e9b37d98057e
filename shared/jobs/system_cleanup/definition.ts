import { z } from "zod";
import { defineJob } from "../../core/job/job_type.ts";

const ENDED = ["succeeded", "failed", "dead", "canceled"] as const;

/** Deletes the tenant's own jobs that ended long ago, with their attempts and results. */
export const systemCleanup = defineJob({
  type: "system.cleanup",
  payload: z.strictObject({
    /** Jobs that ended more than so many days ago. */
    retention_days: z.int().min(1).max(36_500),
    statuses: z.array(z.enum(ENDED)).min(1).max(ENDED.length),
  }),
  result: z.object({ deleted: z.int() }),
  timeoutMs: 60_000,
  maxAttempts: 3,
});
