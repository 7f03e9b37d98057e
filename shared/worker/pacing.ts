import { type BatchLimits, nextBatchSize } from "../core/run/batch_size.ts";
import { idlePollDelayMs, pollDelayMs } from "../core/run/retry_delay.ts";
import type { SettleReply } from "./ports.ts";

/** Milliseconds a drained run stays for a scheduled job. */
const STAY_FOR_DUE_MS = 2_500;
/** Extra milliseconds of a poll for a due job, for the granularity of the clocks. */
const DUE_SLACK_MS = 10;
/** Bytes that one claim should bring. */
export const CLAIM_BYTES = 4 * 1024 * 1024;
/** Bytes that a run holds of payloads and outcomes, since an isolate has 256 MB of memory. */
export const HELD_BYTES = 16 * 1024 * 1024;
/** The most bytes of a job in a reply: a payload of 256 KiB with its names. */
const MAX_JOB_BYTES = 264 * 1024;
/** Share of the last estimate that a claim of lighter jobs keeps. */
const MEMORY = 0.8;

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
  /** Estimated bytes of a job. Until a claim brought jobs, they may be as large as any. */
  #jobBytes = MAX_JOB_BYTES;
  #claimed = false;
  readonly #limits: BatchLimits;
  readonly #idlePollMs: number | undefined;

  /** `idlePollMs` is the longest delay of a poll of a run that stays while it is idle. */
  constructor(limits: BatchLimits, idlePollMs?: number) {
    this.#limits = limits;
    this.#idlePollMs = idlePollMs;
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

  /** Returns the bytes that the next claim may bring while `held` bytes are held. */
  claimBytes(held: number): number {
    return Math.max(0, Math.min(CLAIM_BYTES, HELD_BYTES - held));
  }

  /** Returns how many jobs the next claim can afford. An empty run can always afford one. */
  affordable(held: number): number {
    const jobs = Math.floor(this.claimBytes(held) / this.#jobBytes);
    return held === 0 ? Math.max(1, jobs) : jobs;
  }

  /** Records the bytes of claimed jobs. A heavy claim counts at once, light ones gradually. */
  noteBytes(bytes: number, jobs: number): void {
    if (jobs === 0) return;
    const seen = bytes / jobs;
    this.#jobBytes = this.#claimed ? Math.max(seen, this.#jobBytes * MEMORY) : seen;
    this.#claimed = true;
  }

  /** Records that a reply was given up because of its size. */
  noteReplyTooLarge(): void {
    this.#jobBytes = MAX_JOB_BYTES;
    this.#claimed = true;
    this.slowDown();
  }

  /** Plans the next claim, after one of so many jobs and bytes, while `held` jobs were held. */
  noteClaim(
    reply: SettleReply,
    { limit, maxBytes }: { limit: number; maxBytes: number },
    held: number,
    now: number,
    epoch: number,
  ): void {
    const found = reply.jobs.length;
    // A claim that its bytes may have stopped shows no empty queue.
    const isShort = found < limit && (reply.bytes ?? 0) < maxBytes - MAX_JOB_BYTES;
    if (reply.bytes !== undefined) this.noteBytes(reply.bytes, found);
    const idle = held === 0 && found === 0;
    this.idleClaims = idle ? this.idleClaims + 1 : 0;
    if (found === 0) this.#emptyClaims++;
    else this.#emptyClaims = isShort ? 1 : 0;
    const delay = idle && this.#idlePollMs !== undefined
      ? idlePollDelayMs(this.idleClaims, this.#idlePollMs)
      : pollDelayMs(idle ? this.idleClaims : this.#emptyClaims);
    const dueInMs = reply.next_at === null ? NaN : Date.parse(reply.next_at) - epoch;
    this.dueSoon = dueInMs > 0 && dueInMs <= STAY_FOR_DUE_MS;
    this.nextPollAt = now + (dueInMs > 0 ? Math.min(delay, dueInMs + DUE_SLACK_MS) : delay);
  }
}
