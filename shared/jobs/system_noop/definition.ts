import { defineJob } from "../../core/job/job_type.ts";

/** A job that does nothing. It shows the cost of the queue itself. */
export const systemNoop = defineJob({ type: "system.noop" });
