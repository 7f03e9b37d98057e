import { type BatchLimits, nextBatchSize } from "../core/run/batch_size.ts";
import { pollDelayMs } from "../core/run/retry_delay.ts";
import type { SettleReply } from "./ports.ts";

/** Milliseconds a drained run stays for a scheduled job. */
const STAY_FOR_DUE_MS = 2_500;
/** Extra milliseconds of a poll for a due job, for the granularity of the clocks. */
const DUE_SLACK_MS = 10;
/** Maximum characters of a batch, since an isolate has 256 MB of memory. */
const MAX_BATCH_LENGTH = 4 * 1024 * 1024;

/** The batch size of a run, and the time of its next claim. */
export class Pacing {
  batchSize: number;
  /** Earliest moment for a claim that carries no outcomes. */
  nextPollAt = 0;
  /** Number of consecutive empty claims while the run held no job. */
  idleClaims = 0;
  /** True when the last claim reported a scheduled job that comes due soon. */
  dueSoon = false;
  #emptyClaims = 0;
  #slowestMs = 0;
  #limits: BatchLimits;
  readonly #max: number;

  constructor(limits: BatchLimits) {
    this.#limits = limits;
    this.#max = limits.max;
    this.batchSize = limits.min;
  }

  /** Records how long a job was held, from its claim to its end. */
  noteEnded(heldMs: number): void {
    if (heldMs > this.#slowestMs) this.#slowestMs = heldMs;
  }

  /** Adapts the batch size before a report of `jobs` outcomes. */
  adapt(jobs: number): void {
    if (jobs === 0) return;
    const timing = { jobs, tookMs: this.#slowestMs };
    this.batchSize = nextBatchSize(this.batchSize, timing, this.#limits);
    this.#slowestMs = 0;
  }

  /** Resets to the smallest batch, because jobs turned out to be slow. */
  slowDown(): void {
    this.batchSize = this.#limits.min;
  }

  /** Limits batches by the length of the jobs, down to the smallest batch. */
  noteLength(length: number, jobs: number): void {
    if (jobs === 0) return;
    const { min } = this.#limits;
    const affordable = Math.floor(MAX_BATCH_LENGTH / (length / jobs));
    this.#limits = { min, max: Math.max(min, Math.min(this.#max, affordable)) };
    this.batchSize = Math.min(this.batchSize, this.#limits.max);
  }

  /** Plans the next claim, after one for `limit` jobs while `held` were held. */
  noteClaim(reply: SettleReply, limit: number, held: number, now: number, epoch: number): void {
    const found = reply.jobs.length;
    if (reply.length !== undefined) this.noteLength(reply.length, found);
    const idle = held === 0 && found === 0;
    this.idleClaims = idle ? this.idleClaims + 1 : 0;
    if (found === 0) this.#emptyClaims++;
    else this.#emptyClaims = found < limit ? 1 : 0;
    const delay = pollDelayMs(idle ? this.idleClaims : this.#emptyClaims);
    const dueInMs = reply.next_at === null ? NaN : Date.parse(reply.next_at) - epoch;
    this.dueSoon = dueInMs > 0 && dueInMs <= STAY_FOR_DUE_MS;
    this.nextPollAt = now + (this.dueSoon ? Math.min(delay, dueInMs + DUE_SLACK_MS) : delay);
  }
}
