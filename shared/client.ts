import { Calls, type SupabaseLike } from "./client/calls.ts";
import { Destinations, publish, type PublishedMessage } from "./client/destinations.ts";
import type { PublishOptions } from "./client/destinations.ts";
import { idOf, type JobRef, Jobs, type JobWithPayload } from "./client/jobs.ts";
import { type BulkOptions, type BulkResult, changeJobs } from "./client/lists.ts";
import { type JobFilter, type JobList, type JobPage, listJobs } from "./client/lists.ts";
import { type CallOptions, checkNames, uuid } from "./client/options.ts";
import type { EnqueueOptions, JobOptions } from "./client/options.ts";
import type { EnqueuedJob, JobExplanation, Schedule } from "./client/rows.ts";
import type { ConfigureOptions, ScheduleRun, ScheduleSettings } from "./client/schedules.ts";
import { type ScheduleRef, Schedules } from "./client/schedules.ts";
import { type FinishedJob, waitForJob, type WaitOptions } from "./client/wait.ts";
import { type WatchedJob, watchJob, watchJobs } from "./client/watch.ts";
import type { JobStatus } from "./core/job/job_row.ts";
import { indexDefinitions, type JobDefinition } from "./core/job/job_type.ts";
import type { DefinitionOf, PayloadInput, ResultOf, TypeIn } from "./core/job/job_type.ts";

export type { SupabaseLike } from "./client/calls.ts";
export type { JobRef, JobWithPayload } from "./client/jobs.ts";
export type { BulkOptions, BulkResult, JobFilter, JobList, JobPage } from "./client/lists.ts";
export type { CallOptions, EnqueueOptions, JobOptions } from "./client/options.ts";
export type { EnqueuedJob, Job, JobExplanation, ListedJob, Schedule } from "./client/rows.ts";
export type {
  ConfigureOptions,
  ScheduleRef,
  ScheduleRun,
  ScheduleSettings,
} from "./client/schedules.ts";
export type { FinishedJob, WaitOptions } from "./client/wait.ts";
export type { WatchedJob } from "./client/watch.ts";
export { ExactNumber } from "./core/encoding/exact_number.ts";
export { type ErrorCode, JobForgeError } from "./core/errors.ts";
export type { Delivery, DeliveryPage, Destination } from "./client/destinations.ts";
export type { DestinationSettings, PublishedMessage } from "./client/destinations.ts";
export type { PublishOptions, SecretVersion } from "./client/destinations.ts";
export type { AttemptRow, FullJobRow, JobForgeViews } from "./core/job/exact_rows.ts";
export type { WithExactRows } from "./core/job/exact_rows.ts";
export type { JobError, JobRow, JobStatus } from "./core/job/job_row.ts";

/** A list of job types, as `shared/jobs/definitions.ts` exports one. */
export type Definitions = readonly JobDefinition[];

/** Settings of a client. */
export interface JobForgeOptions<D extends Definitions> {
  /**
   * Job types of the application. Payloads are checked before they are sent and have static types.
   */
  definitions?: D;
  /** Tenant ID. Required with a secret key and for users of several tenants. */
  tenantId?: string;
  /**
   * Whether waiting and watching use Supabase Realtime where the project has it (default: in
   * browsers). Elsewhere its socket would keep a process alive.
   */
  realtime?: boolean;
}

/** A batch entry: type and payload of one declaration, and its options. */
export type JobToEnqueue<D extends Definitions> = {
  [Type in TypeIn<D>]:
    & { type: Type; payload: PayloadInput<DefinitionOf<D, Type>> }
    & JobOptions;
}[TypeIn<D>];

type ResultOfType<D extends Definitions, Type extends string> = Type extends TypeIn<D>
  ? ResultOf<DefinitionOf<D, Type>>
  : unknown;

/**
 * Job operations through a supabase-js client. Every method throws JobForgeError, with a stable
 * `code` and `retryable`, or the reason of its `signal`. `docs/client.md` has an example of each.
 */
export interface JobForge<D extends Definitions = Definitions> {
  /** Enqueues a job. */
  enqueueJob<Type extends TypeIn<D>>(
    type: Type,
    payload: PayloadInput<DefinitionOf<D, Type>>,
    options?: EnqueueOptions,
  ): Promise<EnqueuedJob<Type>>;
  /** Enqueues all jobs or none, at most 1 000. The answers are in the order of the jobs. */
  enqueueJobs(
    jobs: readonly JobToEnqueue<D>[],
    options?: CallOptions & { traceparent?: string },
  ): Promise<EnqueuedJob<TypeIn<D>>[]>;
  /** Returns a job with its payload. Throws `not_found`. */
  getJob(job: JobRef, options?: CallOptions): Promise<JobWithPayload>;
  /**
   * Returns the finished job. It rides out failures that may pass. Throws `wait_timeout`, and the
   * job goes on.
   */
  waitForJob<Type extends string>(
    job: EnqueuedJob<Type>,
    options?: WaitOptions,
  ): Promise<FinishedJob<ResultOfType<D, Type>>>;
  waitForJob(job: JobRef, options?: WaitOptions): Promise<FinishedJob>;
  /** Yields a job with its result now and after each change, until it has finished. */
  watchJob<Type extends string>(
    job: EnqueuedJob<Type>,
    options?: CallOptions,
  ): AsyncIterable<WatchedJob<ResultOfType<D, Type>>>;
  watchJob(job: JobRef, options?: CallOptions): AsyncIterable<WatchedJob>;
  /** Yields the newest page of jobs (`limit`: up to 200, default 50) now and after each change. */
  watchJobs(
    filter?: JobFilter,
    options?: CallOptions & { limit?: number },
  ): AsyncIterable<JobPage>;
  /** Cancels a job. A running one stops at its next heartbeat. Throws `wrong_state`. */
  cancelJob(
    job: JobRef,
    options?: CallOptions,
  ): Promise<{ status: JobStatus; cancelRequested: boolean }>;
  /** Retries a dead, failed or canceled job with fresh attempts. Throws `wrong_state`. */
  retryJob(job: JobRef, options?: CallOptions): Promise<{ status: JobStatus }>;
  /** Moves the start of a job that waits. Throws `wrong_state`. */
  rescheduleJob(
    job: JobRef,
    runAt: Date | string,
    options?: CallOptions,
  ): Promise<{ status: JobStatus; runAt: string }>;
  /** Returns why a job is not running, and when it could start. */
  explainJob(job: JobRef, options?: CallOptions): Promise<JobExplanation>;
  /** Returns jobs, newest first, to iterate over or to read page by page. */
  listJobs(filter?: JobFilter, options?: CallOptions): JobList;
  /** Cancels the jobs that a filter finds. A dry run unless `dryRun` is false. */
  cancelJobs(filter: JobFilter, options?: BulkOptions): Promise<BulkResult>;
  /** Retries the jobs that a filter finds. A dry run unless `dryRun` is false. */
  retryJobs(filter: JobFilter, options?: BulkOptions): Promise<BulkResult>;
  /** Creates a schedule, or changes the given settings of the one with this name. */
  configureSchedule(
    name: string,
    settings: ScheduleSettings,
    options?: ConfigureOptions,
  ): Promise<Schedule>;
  /** Deletes a schedule. Its jobs stay. */
  deleteSchedule(schedule: ScheduleRef, options?: CallOptions): Promise<void>;
  /** Returns the schedules to iterate over. */
  listSchedules(options?: CallOptions): AsyncIterable<Schedule>;
  /** Starts the job of a schedule now, also of a paused one. */
  runSchedule(schedule: ScheduleRef, options?: CallOptions): Promise<ScheduleRun>;
  /** Returns the next times at which a schedule is due: `count` of them, up to 100 (default: 5). */
  nextOccurrences(schedule: ScheduleRef, options?: CallOptions & { count?: number }): Promise<
    string[]
  >;
  /** Sends a message to the webhook destinations that subscribed to its type. */
  publish(eventType: string, data: unknown, options?: PublishOptions): Promise<PublishedMessage>;
  /** The webhook destinations of the tenant. */
  readonly destinations: Destinations;
}

/**
 * Creates the client of an application in a browser, Deno or Node. It works on a supabase-js client
 * and under its credential: a user's session, or a secret key with `tenantId`.
 */
export function createJobForge<const D extends Definitions = Definitions>(
  supabase: SupabaseLike,
  options: JobForgeOptions<D> = {},
): JobForge<D> {
  checkNames(options, ["definitions", "tenantId", "realtime"], "option");
  const known = options.definitions ? indexDefinitions(options.definitions) : undefined;
  if (options.tenantId !== undefined) uuid("tenantId", options.tenantId);
  const { realtime = "document" in globalThis } = options;
  const calls = new Calls(supabase, options.tenantId, realtime);
  const jobs = new Jobs(calls, known);
  const schedules = new Schedules(calls, known);
  const client: JobForge = {
    enqueueJob: (type, payload, given = {}) => jobs.enqueueJob(type, payload, given),
    enqueueJobs: (entries, given = {}) => jobs.enqueueJobs(entries, given),
    getJob: (job, given = {}) => jobs.getJob(job, given),
    // deno-lint-ignore no-explicit-any -- the type parameter determines the result
    waitForJob: async (job: JobRef, given: WaitOptions = {}): Promise<any> =>
      await waitForJob(jobs, idOf(job), typeof job !== "string", given),
    // deno-lint-ignore no-explicit-any -- the type parameter determines the result
    watchJob: (job: JobRef, given: CallOptions = {}): any =>
      watchJob(calls, jobs, idOf(job), given),
    watchJobs: (filter = {}, given = {}) => watchJobs(calls, filter, given),
    cancelJob: (job, given = {}) => jobs.cancelJob(job, given),
    retryJob: (job, given = {}) => jobs.retryJob(job, given),
    rescheduleJob: (job, runAt, given = {}) => jobs.rescheduleJob(job, runAt, given),
    explainJob: (job, given = {}) => jobs.explainJob(job, given),
    listJobs: (filter = {}, given = {}) => listJobs(calls, filter, given),
    cancelJobs: (filter, given = {}) => changeJobs(calls, "jobforge_cancel_jobs", filter, given),
    retryJobs: (filter, given = {}) => changeJobs(calls, "jobforge_retry_jobs", filter, given),
    configureSchedule: (name, settings, given = {}) =>
      schedules.configureSchedule(name, settings, given),
    deleteSchedule: (id, given = {}) => schedules.deleteSchedule(id, given),
    listSchedules: (given = {}) => schedules.listSchedules(given),
    runSchedule: (id, given = {}) => schedules.runSchedule(id, given),
    nextOccurrences: (id, given = {}) => schedules.nextOccurrences(id, given),
    publish: (eventType, data, given = {}) => publish(calls, eventType, data, given),
    destinations: new Destinations(calls),
  };
  return client as unknown as JobForge<D>;
}
