import { z } from "zod";
import { defineJob } from "../../../../shared/core/job/job_type.ts";

/** A job type of the tests: it fails as `how` says, with `text` in its words. */
export const leakDefinition = defineJob({
  type: "planted.leak",
  payload: z.strictObject({ how: z.string(), text: z.string() }),
});
