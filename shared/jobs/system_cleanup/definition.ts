import * as z from "zod";
import { defineJob } from "../../core/job/job_type.ts";

const ENDED = ["succeeded", "failed", "dead", "canceled"] as const;

/** A job that deletes the tenant's old finished jobs, with their attempts and results. */
export const systemCleanup = defineJob({
  type: "system.cleanup",
  payload: z.strictObject({
    /** Age in days after which a finished job is deleted. */
    retention_days: z.int().min(1).max(36_500),
    statuses: z.array(z.enum(ENDED)).min(1).max(ENDED.length),
  }),
  result: z.object({ deleted: z.int() }),
  timeoutMs: 60_000,
  maxAttempts: 3,
});
