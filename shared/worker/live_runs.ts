import type { Drain, StopCause } from "./drain.ts";
import type { RunReport } from "./run_report.ts";

/** The runs of this isolate: the only state its requests share. */
export class LiveRuns {
  readonly #runs = new Set<Drain>();

  get count(): number {
    return this.#runs.size;
  }

  /** Runs a drain to its end; resolves with its report. */
  async start(drain: Drain): Promise<RunReport> {
    this.#runs.add(drain);
    try {
      return await drain.run();
    } finally {
      this.#runs.delete(drain);
    }
  }

  /** Stops every run at once; each reports and releases by itself. */
  stopAll(cause: StopCause): void {
    for (const drain of this.#runs) drain.stop(cause);
  }
}
