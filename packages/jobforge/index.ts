/** What a job type and its handler need. Runs in browsers, Node, Deno and Edge Functions. */
export { defineJob, indexDefinitions, JOB_DEFAULTS } from "../../shared/core/job/job_type.ts";
export type { Backoff, JobDefinition, JobOptions } from "../../shared/core/job/job_type.ts";
export type { PayloadInput, PayloadOf, ResultOf } from "../../shared/core/job/job_type.ts";
export { handle, MAX_AFTER_MS } from "../../shared/core/job/handler.ts";
export { PermanentError, PostponeError, RetryError } from "../../shared/core/job/handler.ts";
export type { HandlerErrorOptions, JobContext, JobHandler } from "../../shared/core/job/handler.ts";
export type { Schema, SchemaIssue, Validation } from "../../shared/core/job/schema.ts";
export { type ErrorCode, JobForgeError } from "../../shared/core/errors.ts";
