export { defineJob, JOB_DEFAULTS } from "../../shared/core/job/job_type.ts";
export type { Backoff, JobDefinition, JobOptions } from "../../shared/core/job/job_type.ts";
export type {
  DefinitionOf,
  PayloadInput,
  PayloadOf,
  ResultOf,
} from "../../shared/core/job/job_type.ts";
export {
  handle,
  PermanentError,
  PostponeError,
  RetryError,
} from "../../shared/core/job/handler.ts";
export type { HandlerErrorOptions, JobContext, JobHandler } from "../../shared/core/job/handler.ts";
export { type ErrorCode, JobForgeError } from "../../shared/core/errors.ts";
