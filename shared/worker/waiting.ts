import type { ClaimedJob } from "./ports.ts";

interface Batch {
  jobs: ClaimedJob[];
  claimedAt: number;
}

/** Claimed jobs that wait for a slot, in the order they were claimed. */
export class Waiting {
  #batches: Batch[] = [];
  #next = 0;
  #count = 0;

  get count(): number {
    return this.#count;
  }
  /** Claim time of the job that waits longest, or undefined when none waits. */
  get since(): number | undefined {
    return this.#batches[0]?.claimedAt;
  }

  add(jobs: ClaimedJob[], now: number): void {
    if (jobs.length === 0) return;
    this.#batches.push({ jobs, claimedAt: now });
    this.#count += jobs.length;
  }

  take(): { job: ClaimedJob; claimedAt: number } | undefined {
    const batch = this.#batches[0];
    const job = batch?.jobs[this.#next];
    if (!batch || !job) return undefined;
    this.#count--;
    if (++this.#next === batch.jobs.length) {
      this.#batches.shift();
      this.#next = 0;
    }
    return { job, claimedAt: batch.claimedAt };
  }

  takeAll(): ClaimedJob[] {
    const jobs = this.list();
    this.#batches = [];
    this.#next = 0;
    this.#count = 0;
    return jobs;
  }

  remove(jobId: string): ClaimedJob | undefined {
    const found = this.list().find((job) => job.id === jobId);
    if (!found) return undefined;
    const since = this.since ?? 0;
    const others = this.takeAll().filter((job) => job !== found);
    this.add(others, since);
    return found;
  }

  list(): ClaimedJob[] {
    return this.#batches.flatMap((batch, index) =>
      index === 0 ? batch.jobs.slice(this.#next) : batch.jobs
    );
  }
}
