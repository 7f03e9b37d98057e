import { storableJson } from "../core/encoding/json.ts";
import type { Outcome } from "../core/job/outcome.ts";
import type { ClaimedJob, ReportedOutcome, ReportedProgress } from "./ports.ts";

/** A waiting outcome and the length of its result in characters. */
export interface WaitingOutcome {
  outcome: ReportedOutcome;
  length: number;
}

const MAX_PROGRESS_BYTES = 4 * 1024;
/** Maximum number of outcomes, and of characters of results, in one report. */
const MAX_REPORT_OUTCOMES = 1_000;
const MAX_REPORT_LENGTH = 4 * 1024 * 1024;

/** The outcomes and progress for the next call of a run. */
export class Outbox {
  #waiting: WaitingOutcome[] = [];
  #resultLength = 0;
  #firstOutcomeAt = 0;
  readonly #progress = new Map<string, unknown>();

  get outcomeCount(): number {
    return this.#waiting.length;
  }
  get resultLength(): number {
    return this.#resultLength;
  }
  get firstOutcomeAt(): number {
    return this.#firstOutcomeAt;
  }
  get hasProgress(): boolean {
    return this.#progress.size > 0;
  }

  addOutcome(job: ClaimedJob, end: Outcome, now: number): void {
    const { tenant_id, id, lease_token } = job;
    const { result_length: length = 0, ...wire } = end;
    this.#put([{ outcome: { tenant_id, id, lease_token, ...wire }, length }], now);
  }

  /** Removes and returns outcomes in their order: as many as fit one report, at least one. */
  takeOutcomes(): WaitingOutcome[] {
    let count = 0;
    let length = 0;
    for (const entry of this.#waiting) {
      length += entry.length;
      if (count > 0 && (count === MAX_REPORT_OUTCOMES || length > MAX_REPORT_LENGTH)) break;
      this.#resultLength -= entry.length;
      count++;
    }
    return this.#waiting.splice(0, count);
  }

  /** Restores outcomes after a failed report. Reporting one twice is harmless. */
  returnOutcomes(entries: WaitingOutcome[], now: number): void {
    const later = this.#waiting;
    this.#waiting = [];
    this.#resultLength = 0;
    this.#put([...entries, ...later], now);
  }

  setProgress(jobId: string, value: unknown): void {
    this.#progress.set(jobId, value);
  }

  /**
   * Removes and returns progress as JSON. Values that cannot be stored or exceed 4 KiB are dropped.
   */
  takeProgress(): ReportedProgress[] {
    const taken: ReportedProgress[] = [];
    for (const [id, value] of this.#progress) {
      const check = storableJson(value, MAX_PROGRESS_BYTES);
      if (check.ok) taken.push({ id, progress: check.value });
    }
    this.#progress.clear();
    return taken;
  }

  jobIds(): string[] {
    return this.#waiting.map(({ outcome }) => outcome.id);
  }

  #put(entries: WaitingOutcome[], now: number): void {
    if (this.#waiting.length === 0) this.#firstOutcomeAt = now;
    for (const entry of entries) {
      this.#waiting.push(entry);
      this.#resultLength += entry.length;
    }
  }
}
