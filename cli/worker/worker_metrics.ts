import type { MetricFamily } from "../../shared/core/metrics/prometheus.ts";
import type { KeeperState } from "../../shared/worker/keeper.ts";

/** Returns the metrics of one worker process. `busyMs` is the silence of its main thread. */
export function metricsOf({ held, runId, totals }: KeeperState, busyMs: number): MetricFamily[] {
  const { succeeded, unsuccessful, released, calls, failedCalls } = totals;
  const by = (label: string, values: Record<string, number>) =>
    Object.entries(values).map(([name, value]) => ({ labels: { [label]: name }, value }));
  const gauge = (name: string, help: string, value: number): MetricFamily => ({
    ...{ name, help, type: "gauge", samples: [{ labels: {}, value }] },
  });
  return [
    {
      ...{ name: "jobforge_worker_jobs_total", help: "Attempts that ended.", type: "counter" },
      samples: by("outcome", { succeeded, unsuccessful, released }),
    },
    {
      ...{ name: "jobforge_worker_calls_total", help: "Database calls.", type: "counter" },
      samples: by("result", { ok: calls - failedCalls, failed: failedCalls }),
    },
    gauge("jobforge_worker_jobs_held", "Jobs that wait for a slot or run.", held),
    gauge("jobforge_worker_has_run", "1 while the worker has a run.", runId === null ? 0 : 1),
    gauge("jobforge_worker_busy_seconds", "Silence of the main thread.", busyMs / 1000),
  ];
}
