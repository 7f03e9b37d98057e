import type { EnqueueReply } from "../../../shared/adapters/data_api/job_api.ts";
import type { Credential } from "../../../shared/core/http/credential.ts";
import type { JobRequest } from "../../../shared/core/job/job_request.ts";
import type { JobRow } from "../../../shared/core/job/job_row.ts";
import type { JobDefinition } from "../../../shared/core/job/job_type.ts";
import type { RunLog } from "../../../shared/worker/ports.ts";

/** Jobs as one caller may see and make them. */
export interface CallerJobs {
  enqueueJob(job: JobRequest, traceparent: string): Promise<EnqueueReply>;
  enqueueJobs(jobs: JobRequest[], traceparent: string): Promise<EnqueueReply[]>;
  findJob(jobId: string): Promise<JobRow & { result: unknown } | undefined>;
}

/** What the routes of enqueue need. */
export interface EnqueueDeps {
  definitions: ReadonlyMap<string, JobDefinition>;
  /** Acts with the caller's credential alone. `signal` ends calls when the caller has left. */
  jobsOf(credential: Credential, tenantId?: string, signal?: AbortSignal): CallerJobs;
  now(): number;
  sleep(ms: number): Promise<void>;
  randomTraceBytes(): Uint8Array;
  log: RunLog;
}
