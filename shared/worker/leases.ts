import type { ClaimedJob, Report, ReportedOutcome, SettleReply } from "./ports.ts";

/**
 * The jobs of each lease whose outcome the database has not confirmed. When all of them succeeded
 * without a result, the lease is reported as a whole. A job that the run lost sight of stays here,
 * so its lease is reported job by job.
 */
export class Leases {
  readonly #open = new Map<number, Set<string>>();

  /** Returns the report with whole leases in place of the outcomes of their jobs. */
  group(report: Report): Report {
    const reported = new Map<number, ReportedOutcome[]>();
    for (const outcome of report.outcomes) {
      const others = reported.get(outcome.lease_token);
      if (others) others.push(outcome);
      else reported.set(outcome.lease_token, [outcome]);
    }
    const leases = [...reported].flatMap(([token, own]) => this.#isWhole(token, own) ? token : []);
    if (leases.length === 0) return report;
    const whole = new Set(leases);
    const outcomes = report.outcomes.filter(({ lease_token }) => !whole.has(lease_token));
    return { ...report, outcomes, leases };
  }

  /**
   * Records the claimed jobs of a reply, and the outcomes that it confirms. Returns how many
   * outcomes of whole leases came too late, which the database cannot name.
   */
  confirm(outcomes: ReportedOutcome[], { jobs, later = [], settled, stale }: SettleReply): number {
    const unconfirmed = new Set([...later, ...stale]);
    for (const { id, lease_token } of outcomes) {
      const open = this.#open.get(lease_token);
      if (!open || unconfirmed.has(id)) continue;
      open.delete(id);
      if (open.size === 0) this.#open.delete(lease_token);
    }
    this.#add(jobs);
    return Math.max(0, outcomes.length - settled - unconfirmed.size);
  }

  #add(jobs: ClaimedJob[]): void {
    for (const { id, lease_token } of jobs) {
      const open = this.#open.get(lease_token);
      if (open) open.add(id);
      else this.#open.set(lease_token, new Set([id]));
    }
  }

  #isWhole(token: number, reported: ReportedOutcome[]): boolean {
    const open = this.#open.get(token);
    return open !== undefined && open.size === reported.length &&
      new Set(reported.map(({ id }) => id)).size === open.size &&
      reported.every((outcome) => open.has(outcome.id) && isPlain(outcome));
  }
}

function isPlain({ outcome, result, error, retry_after_ms }: ReportedOutcome): boolean {
  return outcome === "succeeded" && result === undefined && error === undefined &&
    retry_after_ms === undefined;
}
