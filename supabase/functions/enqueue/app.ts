import { Hono } from "hono";
import { noSuchRoute, onlyMethods, problemResponse } from "../../../shared/adapters/http.ts";
import type { EnqueueReply } from "../../../shared/adapters/job_api.ts";
import type { Credential } from "../../../shared/core/credential.ts";
import type { JobRequest } from "../../../shared/core/job_request.ts";
import type { JobRow } from "../../../shared/core/job_row.ts";
import type { JobDefinition } from "../../../shared/core/job_type.ts";
import type { RunLog } from "../../../shared/worker/ports.ts";
import { cors } from "./cors.ts";
import { enqueueJobs } from "./enqueue_jobs.ts";
import { showJob } from "./show_job.ts";

/** Jobs as one caller may see and make them. */
export interface CallerJobs {
  enqueueJob(job: JobRequest, traceparent: string): Promise<EnqueueReply>;
  enqueueJobs(jobs: JobRequest[], traceparent: string): Promise<EnqueueReply[]>;
  findJob(jobId: string): Promise<JobRow | undefined>;
  findResult(jobId: string): Promise<unknown>;
}

/** What the routes of enqueue need. */
export interface EnqueueDeps {
  definitions: ReadonlyMap<string, JobDefinition>;
  /** Acts with the caller's credential and no other; `signal` ends calls nobody waits for. */
  jobsOf(credential: Credential, tenantId?: string, signal?: AbortSignal): CallerJobs;
  now(): number;
  sleep(ms: number): Promise<void>;
  randomTraceBytes(): Uint8Array;
  log: RunLog;
}

/** The enqueue function: POST /enqueue for one job or a batch, GET /enqueue/:id to look at one. */
export function createApp(deps: EnqueueDeps): Hono {
  const app = new Hono({ strict: false }).basePath("/enqueue");
  app.use(cors);
  app.post("/", (c) => enqueueJobs(c, deps));
  app.all("/", onlyMethods("POST", "OPTIONS"));
  app.get("/:id", (c) => showJob(c, deps));
  app.all("/:id", onlyMethods("GET", "OPTIONS"));
  app.notFound(noSuchRoute);
  app.onError((thrown, c) => problemResponse(c, thrown, deps.log));
  return app;
}
