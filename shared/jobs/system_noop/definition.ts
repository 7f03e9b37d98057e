import { defineJob } from "../../core/job/job_type.ts";

/** A job that does nothing: it shows what the queue itself costs. */
export const systemNoop = defineJob({ type: "system.noop" });
