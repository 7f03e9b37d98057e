import * as z from "zod";
import { defineJob } from "../../../../shared/core/job/job_type.ts";

/** A job type of the tests, whose handler does something hostile. */
export const hostileJob = defineJob({
  type: "hostile.job",
  payload: z.strictObject({ how: z.string() }),
  timeoutMs: 1_500,
  maxAttempts: 1,
});
