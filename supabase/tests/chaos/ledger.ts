/** What a job is expected to become. */
export type Expectation = "succeeded" | "failed" | "dead" | "canceled" | "any";

/** A job the database said it has. */
export interface KnownJob {
  tenantId: string;
  expected: Expectation;
  /** Epoch milliseconds before which it must not start. */
  notBefore: number;
}

/** What the clients saw: kept outside the database, so that the database can be held to it. */
export class Ledger {
  /** Enqueues that were answered with a job. */
  readonly known = new Map<string, KnownJob>();
  /** Enqueues without an answer, by `tenant key`: they may have happened or not. */
  readonly unknown = new Set<string>();
  /** Requests that had to be sent again. */
  repeated = 0;

  record(tenantId: string, ids: string[], expected: Expectation, notBefore = 0): void {
    for (const id of ids) {
      const before = this.known.get(id);
      if (!before) this.known.set(id, { tenantId, expected, notBefore });
    }
  }

  /** Tenants that any of these jobs belong to. */
  tenants(): string[] {
    const keys = [...this.unknown].map((entry) => entry.split(" ")[0]!);
    return [...new Set([...[...this.known.values()].map((job) => job.tenantId), ...keys])];
  }
}
