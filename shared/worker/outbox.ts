import { storableJson } from "../core/json.ts";
import type { Outcome } from "../core/outcome.ts";
import type { ClaimedJob, ReportedOutcome, ReportedProgress } from "./ports.ts";

const MAX_PROGRESS_BYTES = 4 * 1024;

/** What a run has to tell the database with its next call. */
export class Outbox {
  #outcomes: ReportedOutcome[] = [];
  readonly #progress = new Map<string, unknown>();
  #firstOutcomeAt = 0;

  get outcomeCount(): number {
    return this.#outcomes.length;
  }
  get firstOutcomeAt(): number {
    return this.#firstOutcomeAt;
  }
  get hasProgress(): boolean {
    return this.#progress.size > 0;
  }

  addOutcome(job: ClaimedJob, outcome: Outcome, now: number): void {
    if (this.#outcomes.length === 0) this.#firstOutcomeAt = now;
    this.#outcomes.push({
      tenant_id: job.tenant_id,
      id: job.id,
      lease_token: job.lease_token,
      ...outcome,
    });
  }

  setProgress(jobId: string, value: unknown): void {
    this.#progress.set(jobId, value);
  }

  takeOutcomes(): ReportedOutcome[] {
    const taken = this.#outcomes;
    this.#outcomes = [];
    return taken;
  }

  /** Puts outcomes back whose report failed; reporting one twice is harmless. */
  returnOutcomes(outcomes: ReportedOutcome[], now: number): void {
    if (outcomes.length === 0) return;
    this.#outcomes = [...outcomes, ...this.#outcomes];
    this.#firstOutcomeAt = now;
  }

  /** Progress as JSON; values that cannot be stored or exceed 4 KiB are dropped. */
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
    return this.#outcomes.map((outcome) => outcome.id);
  }
}
