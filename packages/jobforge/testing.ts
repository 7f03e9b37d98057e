/** What tests of handlers and of enqueues need. Runs in Node, Deno and browsers, without a database. */
export { FakeClock } from "./test_clock.ts";
export { assertEnqueued, assertNotEnqueued, recordJobs } from "./recorded_jobs.ts";
export type { ExpectedJob, JobRecorder, RecordedJob } from "./recorded_jobs.ts";
export { type JobRun, runJob, type RunJobClock, type RunJobOptions } from "./run_job.ts";
export { runJobToEnd, type TimedJobRun } from "./run_job.ts";
