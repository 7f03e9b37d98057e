/** What tests of handlers need. Runs in Node, Deno and browsers, without a database. */
export { type JobRun, runJob, type RunJobOptions } from "./run_job.ts";
