import { byteLength, type JsonText } from "../core/encoding/json.ts";
import type { Outcome } from "../core/job/outcome.ts";
import type { ClaimedJob, ReportedOutcome, ReportedProgress } from "./ports.ts";

/** A waiting outcome and its bytes in a request, at most. */
export interface WaitingOutcome {
  outcome: ReportedOutcome;
  bytes: number;
  /** The moment before which it is not repeated. */
  notBefore?: number;
}

/** Maximum number of outcomes, and of their bytes, in one report. */
export const MAX_REPORT_OUTCOMES = 1_000;
export const MAX_REPORT_BYTES = 4 * 1024 * 1024;
/** Bytes of an outcome beside its result and its message: names, ids, numbers and the code. */
const OUTCOME_BYTES = 384;
const REPEAT_MS = 250;
const MAX_REPEAT_MS = 5_000;

/** The outcomes and progress for the next call of a run. */
export class Outbox {
  #waiting: WaitingOutcome[] = [];
  /** Outcomes that the database could not record yet. */
  #kept: WaitingOutcome[] = [];
  #keptAt = Infinity;
  #keptTimes = 0;
  #bytes = 0;
  #firstOutcomeAt = 0;
  readonly #progress = new Map<string, JsonText>();

  get outcomeCount(): number {
    return this.#waiting.length;
  }
  get isEmpty(): boolean {
    return this.#waiting.length === 0 && this.#kept.length === 0;
  }
  /** Bytes of all outcomes, also of those to repeat. */
  get outcomeBytes(): number {
    return this.#bytes;
  }
  get firstOutcomeAt(): number {
    return this.#firstOutcomeAt;
  }
  /** The moment to repeat what the database could not record yet, or Infinity. */
  get repeatAt(): number {
    return this.#keptAt;
  }
  get hasProgress(): boolean {
    return this.#progress.size > 0;
  }

  addOutcome(job: ClaimedJob, end: Outcome, now: number): void {
    const { tenant_id, id, lease_token } = job;
    const outcome = { tenant_id, id, lease_token, ...end };
    this.#put([{ outcome, bytes: bytesOf(outcome) }], now);
  }

  /**
   * Removes and returns outcomes in their order, first those to repeat: as many as fit one report
   * of at most `max`, at least one.
   */
  takeOutcomes(now: number, max: number = MAX_REPORT_OUTCOMES): WaitingOutcome[] {
    const taken: WaitingOutcome[] = [];
    let bytes = 0;
    const take = (entry: WaitingOutcome): boolean => {
      const isFull = taken.length >= max || bytes + entry.bytes > MAX_REPORT_BYTES;
      if (taken.length > 0 && isFull) return false;
      bytes += entry.bytes;
      return taken.push(entry) > 0;
    };
    this.#kept = this.#kept.filter((entry) => (entry.notBefore ?? 0) > now || !take(entry));
    const count = this.#waiting.findIndex((entry) => !take(entry));
    this.#waiting.splice(0, count < 0 ? Infinity : count);
    if (this.#kept.length === 0) this.#keptAt = Infinity;
    this.#bytes -= bytes;
    return taken;
  }

  /**
   * Restores outcomes after a failed report. Reporting one twice is harmless. One that failed alone
   * goes last, so that it does not keep the others waiting.
   */
  returnOutcomes(entries: WaitingOutcome[], now: number): void {
    const others = this.#waiting;
    this.#waiting = [];
    for (const entry of others) this.#bytes -= entry.bytes;
    this.#put(entries.length === 1 ? [...others, ...entries] : [...entries, ...others], now);
  }

  /**
   * Keeps outcomes that could not be recorded now. Those of `later` go with the next report, those
   * of `unsent` after a delay. The next report is no later than 5 s.
   */
  keepOutcomes(later: WaitingOutcome[], unsent: WaitingOutcome[], now: number): void {
    if (later.length + unsent.length === 0) {
      if (this.#kept.length === 0) this.#keptTimes = 0;
      return;
    }
    this.#keptAt = now + Math.min(MAX_REPEAT_MS, REPEAT_MS * 2 ** Math.min(this.#keptTimes++, 10));
    for (const entry of unsent) entry.notBefore = this.#keptAt;
    for (const entry of [...later, ...unsent]) this.#bytes += entry.bytes;
    this.#kept.push(...later, ...unsent);
  }

  /** Sets the progress of a job. The last value before a report wins. */
  setProgress(jobId: string, value: JsonText): void {
    this.#progress.set(jobId, value);
  }

  /** Removes and returns progress. */
  takeProgress(): ReportedProgress[] {
    const taken = [...this.#progress].map(([id, progress]) => ({ id, progress }));
    this.#progress.clear();
    return taken;
  }

  /** Puts back progress that was not reported. A newer value stays. */
  returnProgress(taken: ReportedProgress[]): void {
    for (const { id, progress } of taken) {
      if (!this.#progress.has(id)) this.#progress.set(id, progress);
    }
  }

  jobIds(): string[] {
    return [...this.#kept, ...this.#waiting].map(({ outcome }) => outcome.id);
  }

  #put(entries: WaitingOutcome[], now: number): void {
    if (this.#waiting.length === 0) this.#firstOutcomeAt = now;
    for (const entry of entries) {
      this.#waiting.push(entry);
      this.#bytes += entry.bytes;
    }
  }
}

function bytesOf({ result, error }: ReportedOutcome): number {
  const message = error ? byteLength(JSON.stringify(error.message)) : 0;
  return OUTCOME_BYTES + message + (result?.bytes ?? 0);
}
