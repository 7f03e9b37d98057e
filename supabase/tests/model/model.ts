/** What a job is, as far as the rules of its life are concerned. Times are milliseconds. */
export interface ModelJob {
  id: string;
  tenantId: string;
  priority: number;
  status: "queued" | "running" | "succeeded" | "failed" | "dead" | "canceled";
  attempts: number;
  maxAttempts: number;
  /** Attempts made before the last manual retry. */
  attemptsBeforeRetry: number;
  runAt: number;
  expiries: number;
  cancelRequested: boolean;
  run?: string | undefined;
  token?: number | undefined;
  startedAt?: number;
}

/** A worker's invocation. */
export interface ModelRun {
  id: string;
  live: boolean;
  leaseUntil: number;
  alone: boolean;
}

export type Outcome = "succeeded" | "errored" | "failed" | "released" | "lease_expired";

const LEASE_MS = 45_000;
const OVERDUE_MS = 60_000 + 60_000;

/** The rules of the queue without its machinery: two tenants, a queue each. */
export class Model {
  now = Date.parse("2030-01-01T00:00:00Z");
  readonly jobs = new Map<string, ModelJob>();
  readonly runs = new Map<string, ModelRun>();
  readonly paused = new Set<string>();
  /** Attempts that ended, by job. */
  readonly ended = new Map<string, string[]>();

  startRun(id: string): void {
    this.runs.set(id, { id, live: true, leaseUntil: this.now + LEASE_MS, alone: false });
  }

  held(runId: string): ModelJob[] {
    return [...this.jobs.values()].filter((job) => job.status === "running" && job.run === runId);
  }

  /** Jobs of a tenant that may start, in the order in which they have to. */
  ready(tenantId: string, quarantined = false): ModelJob[] {
    const able = [...this.jobs.values()].filter((job) =>
      job.tenantId === tenantId && job.status === "queued" && job.runAt <= this.now &&
      job.expiries >= 2 === quarantined && !this.paused.has(tenantId)
    );
    return able.sort((left, right) =>
      left.priority - right.priority || (left.id < right.id ? -1 : 1)
    );
  }

  /** Why a claim's answer is wrong, or undefined when it is right. A right one is applied. */
  claim(runId: string, limit: number, tenants: string[], got: Claimed[]): string | undefined {
    const run = this.runs.get(runId)!;
    const holds = this.held(runId).length;
    const suspects = tenants.flatMap((tenantId) => this.ready(tenantId, true));
    const lines = tenants.map((tenantId) => this.ready(tenantId));
    const most = Math.min(limit, lines.flat().length);
    const isSuspect = got.length === 1 && suspects.some((job) => job.id === got[0]!.id);
    const turn = holds > 0
      ? (run.alone ? "none" : "ready")
      : suspects.length > 0 && (!run.alone || most === 0)
      ? "suspect"
      : "ready";
    if (turn === "none" && got.length > 0) return "a run with a quarantined job got another";
    if (turn === "suspect" && !isSuspect) return "a quarantined job had its turn";
    if (turn === "ready") {
      if (got.length !== most) return `${got.length} claimed, ${most} were ready`;
      for (const line of lines) {
        const taken = got.filter((each) => line.some((job) => job.id === each.id)).length;
        const first = line.slice(0, taken).map((job) => job.id);
        const ids = got.map((each) => each.id);
        if (!first.every((id) => ids.includes(id))) return "not the first of their queue";
      }
    }
    run.alone = turn === "suspect";
    run.leaseUntil = this.now + LEASE_MS;
    for (const { id, lease_token, attempt } of got) {
      const job = this.jobs.get(id)!;
      job.attempts++;
      if (attempt !== job.attempts) return `attempt ${attempt} of ${id}, not ${job.attempts}`;
      Object.assign(job, {
        status: "running",
        run: runId,
        token: lease_token,
        startedAt: this.now,
      });
    }
  }

  /** Ends the attempt of a job that is held. */
  settle(job: ModelJob, outcome: Outcome): void {
    const isOver = job.attempts >= job.maxAttempts;
    Object.assign(job, { run: undefined, token: undefined });
    if (outcome !== "released" || job.cancelRequested) {
      const kind = job.cancelRequested ? "canceled" : outcome;
      this.ended.set(job.id, [...this.ended.get(job.id) ?? [], `${job.attempts} ${kind}`]);
    }
    if (outcome === "lease_expired") job.expiries++;
    if (job.cancelRequested) return void (job.status = "canceled");
    if (outcome === "succeeded" || outcome === "failed") return void (job.status = outcome);
    if (outcome === "released") job.attempts--;
    else if (isOver) return void (job.status = "dead");
    else job.runAt = this.now;
    job.status = "queued";
  }

  /** Bounds of the wait after an error, for a type that no worker declared. */
  backoff(job: ModelJob): [number, number] {
    const full = 2_000 * 2 ** (job.attempts - job.attemptsBeforeRetry - 1);
    return [full / 2, full];
  }

  /** The dispatcher: runs that stopped reporting lose what they hold. */
  dispatch(): void {
    for (const run of this.runs.values()) {
      if (!run.live || run.leaseUntil >= this.now) continue;
      for (const job of this.held(run.id)) this.settle(job, "lease_expired");
      run.live = false;
    }
  }

  /** Returns the ids of the jobs to abort, sorted. */
  heartbeat(runId: string): string[] {
    const overdue = this.held(runId).filter((job) => job.startedAt! + OVERDUE_MS < this.now);
    for (const job of overdue) this.settle(job, "lease_expired");
    this.runs.get(runId)!.leaseUntil = this.now + LEASE_MS;
    const asked = this.held(runId).filter((job) => job.cancelRequested);
    return [...overdue, ...asked].map((job) => job.id).sort();
  }

  /** Whether it was accepted. */
  cancel(job: ModelJob): boolean {
    if (job.status === "running") job.cancelRequested = true;
    else if (job.status === "queued") job.status = "canceled";
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
    });
    return true;
  }

  reschedule(job: ModelJob, runAt: number): boolean {
    if (job.status !== "queued") return false;
    job.runAt = runAt;
    return true;
  }
}

/** A job as a claim returns it. */
export interface Claimed {
  id: string;
  lease_token: number;
  attempt: number;
}
