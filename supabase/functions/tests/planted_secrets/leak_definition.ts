import * as z from "zod";
import { defineJob } from "../../../../shared/core/job/job_type.ts";

/** A job type of the tests. It fails by `how`, with `text` in its message. */
export const leakDefinition = defineJob({
  type: "planted.leak",
  payload: z.strictObject({ how: z.string(), text: z.string() }),
});
