import type { JobStatus } from "../../../shared/core/job/job_row.ts";

/** What a job is, as far as the rules of its life are concerned. Times are milliseconds. */
export interface ModelJob {
  id: string;
  tenantId: string;
  type: string;
  priority: number;
  status: JobStatus;
  attempts: number;
  maxAttempts: number;
  /** Attempts made before the last manual retry. */
  attemptsBeforeRetry: number;
  runAt: number;
  expiries: number;
  cancelRequested: boolean;
  /** Whether it waits for its tenant's queue to be made. */
  isNewcomer: boolean;
  hasResult: boolean;
  /** Whether its run holds it alone, because it is quarantined. */
  alone?: boolean | undefined;
  run?: string | undefined;
  token?: number | undefined;
  startedAt?: number;
}

/** A worker's invocation. */
export interface ModelRun {
  id: string;
  live: boolean;
  leaseUntil: number;
  /** Whether the jobs it claimed last were one quarantined job. */
  alone: boolean;
  /** The types that it takes. Undefined means all. */
  types?: string[] | undefined;
}

export type Outcome = "succeeded" | "errored" | "failed" | "released" | "lease_expired";

const LEASE_MS = 45_000;
const OVERDUE_MS = 60_000 + 60_000;
/** Quarantined jobs that run at a time, for four runs. */
const MOST_ALONE = 1;
/** How often a claim begins anew when it set aside all that it had claimed. */
const TRIES = 5;

/** The rules of the queue without its machinery: two tenants, a queue each. */
export class Model {
  now = Date.parse("2030-01-01T00:00:00Z");
  readonly jobs = new Map<string, ModelJob>();
  readonly runs = new Map<string, ModelRun>();
  readonly paused = new Set<string>();
  /** Tenants whose queue was made. */
  readonly queues = new Set<string>();
  /** Attempts that ended, by job. */
  readonly ended = new Map<string, string[]>();

  startRun(id: string, types?: string[]): void {
    this.runs.set(id, { id, live: true, leaseUntil: this.now + LEASE_MS, alone: false, types });
  }

  /** The status of a job that waits for a time. */
  waiting(runAt: number): JobStatus {
    return runAt > this.now ? "scheduled" : "queued";
  }

  /** A look at the queues: newcomers get theirs, and what is due is queued. */
  promote(): void {
    for (const job of this.jobs.values()) {
      if (job.isNewcomer && ["scheduled", "queued"].includes(job.status)) {
        this.queues.add(job.tenantId);
        job.isNewcomer = false;
      }
      if (job.status === "scheduled" && job.runAt <= this.now) job.status = "queued";
    }
  }

  held(runId: string): ModelJob[] {
    return [...this.jobs.values()].filter((job) => job.status === "running" && job.run === runId);
  }

  /** Jobs of a tenant that may start, in the order in which they have to. */
  ready(tenantId: string, quarantined = false): ModelJob[] {
    const able = [...this.jobs.values()].filter((job) =>
      job.tenantId === tenantId && job.status === "queued" && job.expiries >= 2 === quarantined &&
      !this.paused.has(tenantId)
    );
    return able.sort((left, right) =>
      left.priority - right.priority || (left.id < right.id ? -1 : 1)
    );
  }

  /** Quarantined jobs that may start: one of each queue, and few in all. */
  suspects(tenants: string[]): ModelJob[] {
    const alone = [...this.jobs.values()].filter((job) => job.alone);
    if (alone.length >= MOST_ALONE) return [];
    return tenants.filter((id) => !alone.some((job) => job.tenantId === id))
      .flatMap((id) => this.ready(id, true));
  }

  /** Why a claim's answer is wrong, or undefined when it is right. A right one is applied. */
  claim(runId: string, limit: number, tenants: string[], got: Claimed[]): string | undefined {
    const run = this.runs.get(runId)!;
    this.endOverdue(runId);
    run.leaseUntil = this.now + LEASE_MS;
    const holds = this.held(runId).length;
    if (holds > 0 && run.alone) {
      return got.length > 0 ? "a run with a quarantined job got another" : undefined;
    }
    this.promote();
    const takes = (job: ModelJob) => run.types?.includes(job.type) ?? true;
    const suspects = holds > 0 ? [] : this.suspects(tenants);
    const lines = tenants.map((tenantId) => this.ready(tenantId).filter(takes));
    const most = Math.min(limit, lines.flat().length);
    const isSuspects = suspects.some(takes) && (!run.alone || most === 0);
    const others = tenants.flatMap((id) => this.ready(id)).filter((job) => !takes(job)).length;
    const aside = suspects.filter((job) => !takes(job)).length + (others > 0 ? tenants.length : 0);
    // A claim gives up when all that it met was set aside.
    if (got.length === 0 && aside >= TRIES) return void (run.alone = false);
    const wrong = isSuspects
      ? wrongSuspect(suspects.filter(takes), got)
      : wrongJobs(lines, got, most, others > 0);
    if (wrong) return wrong;
    run.alone = isSuspects;
    return this.#start(run, got);
  }

  #start(run: ModelRun, got: Claimed[]): string | undefined {
    for (const { id, lease_token: token, attempt } of got) {
      const job = this.jobs.get(id)!;
      job.attempts++;
      if (attempt !== job.attempts) return `attempt ${attempt} of ${id}, not ${job.attempts}`;
      Object.assign(job, { status: "running", run: run.id, token, startedAt: this.now });
      job.alone = run.alone;
    }
  }

  /** Ends the attempt of a job that is held. */
  settle(job: ModelJob, outcome: Outcome): void {
    const isOver = job.attempts >= job.maxAttempts;
    Object.assign(job, { run: undefined, token: undefined, alone: undefined });
    if (outcome !== "released" || job.cancelRequested) {
      const kind = job.cancelRequested ? "canceled" : outcome;
      this.ended.set(job.id, [...this.ended.get(job.id) ?? [], `${job.attempts} ${kind}`]);
    }
    if (outcome === "lease_expired" && !job.cancelRequested) job.expiries++;
    if (job.cancelRequested) return void (job.status = "canceled");
    if (outcome === "succeeded" || outcome === "failed") return void (job.status = outcome);
    if (outcome === "released") job.attempts--;
    else if (isOver) return void (job.status = "dead");
    else job.runAt = this.now;
    // After an error it waits, for a time that chance decides.
    job.status = outcome === "errored" ? "scheduled" : "queued";
  }

  /** Bounds of the wait after an error, for a type that no worker declared. */
  backoff(job: ModelJob): [number, number] {
    const full = 2_000 * 2 ** (job.attempts - job.attemptsBeforeRetry - 1);
    return [full / 2, full];
  }

  /** The dispatcher: runs that stopped reporting lose what they hold. */
  dispatch(): void {
    for (const run of this.runs.values()) {
      if (!run.live) continue;
      if (run.leaseUntil >= this.now) {
        this.endOverdue(run.id);
        continue;
      }
      for (const job of this.held(run.id)) this.settle(job, "lease_expired");
      run.live = false;
    }
    this.promote();
  }

  finishRun(runId: string): void {
    for (const job of this.held(runId)) this.settle(job, "released");
    this.runs.get(runId)!.live = false;
    this.promote();
  }

  /** Ends the attempts of a run that are a minute past their timeout. Returns the jobs. */
  endOverdue(runId: string): ModelJob[] {
    const overdue = this.held(runId).filter((job) => job.startedAt! + OVERDUE_MS < this.now);
    for (const job of overdue) this.settle(job, "lease_expired");
    return overdue;
  }

  /** Returns the ids of the jobs to abort, sorted. */
  heartbeat(runId: string): string[] {
    const overdue = this.endOverdue(runId);
    this.runs.get(runId)!.leaseUntil = this.now + LEASE_MS;
    const asked = this.held(runId).filter((job) => job.cancelRequested);
    return [...overdue, ...asked].map((job) => job.id).sort();
  }

  /** Whether it was accepted. */
  cancel(job: ModelJob): boolean {
    if (job.status === "running") job.cancelRequested = true;
    else if (["scheduled", "queued"].includes(job.status)) job.status = "canceled";
    else return job.status === "canceled";
    return true;
  }

  /** Whether it was accepted. */
  retry(job: ModelJob): boolean {
    if (!["dead", "failed", "canceled"].includes(job.status)) return false;
    const own = job.maxAttempts - job.attemptsBeforeRetry;
    Object.assign(job, {
      ...{ status: "queued", runAt: this.now, cancelRequested: false, expiries: 0 },
      ...{ attemptsBeforeRetry: job.attempts, maxAttempts: job.attempts + own },
      isNewcomer: !this.queues.has(job.tenantId),
    });
    return true;
  }

  reschedule(job: ModelJob, runAt: number): boolean {
    if (!["scheduled", "queued"].includes(job.status)) return false;
    job.runAt = runAt;
    // A job that is due waits for the next look at its queue.
    job.status = job.isNewcomer ? this.waiting(runAt) : "scheduled";
    return true;
  }
}

/** A job as a claim returns it. */
export interface Claimed {
  id: string;
  lease_token: number;
  attempt: number;
}

function wrongSuspect(suspects: ModelJob[], got: Claimed[]): string | undefined {
  const [one] = got;
  const job = suspects.find(({ id }) => id === one?.id);
  if (got.length !== 1 || !job) return "a quarantined job had its turn";
  const first = suspects.find(({ tenantId }) => tenantId === job.tenantId);
  if (first !== job) return "not the first quarantined job of its queue";
}

function wrongJobs(
  lines: ModelJob[][],
  got: Claimed[],
  most: number,
  mayHaveFewer: boolean,
): string | undefined {
  const least = mayHaveFewer ? Math.min(most, 1) : most;
  if (got.length > most || got.length < least) return `${got.length} claimed, ${most} were ready`;
  const ids = new Set(got.map(({ id }) => id));
  for (const line of lines) {
    const taken = line.filter(({ id }) => ids.delete(id)).length;
    if (!line.slice(0, taken).every(({ id }) => got.some((each) => each.id === id))) {
      return "not the first of their queue";
    }
  }
  if (ids.size > 0) return `${[...ids]} were not to be claimed`;
}
