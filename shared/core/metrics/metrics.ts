import type { MetricFamily, Sample } from "./prometheus.ts";

/** A histogram in seconds with cumulative buckets. The last one has no bound. */
export interface HistogramNumbers {
  buckets: { le: number | null; count: number }[];
  sum: number;
  count: number;
}

/** The reply of jobforge_metrics: queues, types, runs, maintenance, open alerts per rule. */
export interface MetricNumbers {
  queues: {
    tenant_id: string;
    queue: string;
    ready: number;
    scheduled: number;
    running: number;
    oldest_ready_seconds: number | null;
    paused: boolean;
  }[];
  types: {
    type: string;
    succeeded: number;
    failed: number;
    dead: number;
    canceled: number;
    retried: number;
    duration: HistogramNumbers;
    latency: HistogramNumbers;
  }[];
  runs: {
    live: number;
    pending: number;
    capacity: number;
    held: number;
    finished_24h: number;
    undelivered_24h: number;
    refused_24h: number;
    lost_24h: number;
    cpu_ms_24h: number;
  };
  /** The maintenance tasks and the dispatcher. */
  maintenance: {
    task: string;
    failures: number;
    seconds_since_success: number | null;
    duration_ms: number | null;
    rows: number;
  }[];
  alerts: Record<string, number>;
}

/** Returns the numbers as metric families. Tenants appear by ID only. */
export function metricFamilies(numbers: MetricNumbers): MetricFamily[] {
  return [
    ...queueFamilies(numbers),
    ...typeFamilies(numbers),
    ...runFamilies(numbers),
    ...maintenanceFamilies(numbers),
  ];
}

function queueFamilies({ queues }: MetricNumbers): MetricFamily[] {
  const gauge = (
    name: string,
    help: string,
    valueOf: (queue: MetricNumbers["queues"][number]) => number | null,
  ): MetricFamily => ({
    ...{ name: `jobforge_queue_${name}`, help, type: "gauge" },
    samples: queues.flatMap((queue) => {
      const value = valueOf(queue);
      const labels = { tenant_id: queue.tenant_id, queue: queue.queue };
      return value === null ? [] : [{ labels, value }];
    }),
  });
  return [
    gauge("ready", "Jobs that could start now.", ({ ready }) => ready),
    gauge("scheduled", "Jobs that wait for their time.", ({ scheduled }) => scheduled),
    gauge("running", "Jobs that are running.", ({ running }) => running),
    gauge(
      "oldest_ready_seconds",
      "How long the oldest ready job has been waiting.",
      ({ oldest_ready_seconds }) => oldest_ready_seconds,
    ),
    gauge("paused", "Whether the queue is paused.", ({ paused }) => paused ? 1 : 0),
  ];
}

const ENDS = ["succeeded", "failed", "dead", "canceled"] as const;

function typeFamilies({ types }: MetricNumbers): MetricFamily[] {
  const counter = (name: string, help: string, samples: Sample[]): MetricFamily => ({
    ...{ name: `jobforge_${name}_total`, help, type: "counter", samples },
  });
  return [
    counter(
      "jobs_ended",
      "Jobs that ended, by their status.",
      types.flatMap((each) =>
        ENDS.map((status) => ({ labels: { type: each.type, status }, value: each[status] }))
      ),
    ),
    counter(
      "attempts_retried",
      "Attempts after which the job was queued again.",
      types.map(({ retried, type }) => ({ labels: { type }, value: retried })),
    ),
    {
      ...{ name: "jobforge_attempt_duration_seconds", type: "histogram" },
      help: "From the start of an attempt to its end.",
      samples: types.flatMap(({ duration, type }) => histogram(type, duration)),
    },
    {
      ...{ name: "jobforge_attempt_latency_seconds", type: "histogram" },
      help: "From the time a job was due to the start of the attempt.",
      samples: types.flatMap(({ latency, type }) => histogram(type, latency)),
    },
  ];
}

function histogram(type: string, { buckets, count, sum }: HistogramNumbers): Sample[] {
  const cumulative: Sample[] = buckets.map((bucket) => ({
    ...{ suffix: "_bucket", value: bucket.count },
    labels: { type, le: bucket.le === null ? "+Inf" : String(bucket.le) },
  }));
  const labels = { type };
  return [
    ...cumulative,
    { suffix: "_sum", labels, value: sum },
    { suffix: "_count", labels, value: count },
  ];
}

function runFamilies({ alerts, runs }: MetricNumbers): MetricFamily[] {
  const gauge = (name: string, help: string, samples: Sample[]): MetricFamily => ({
    ...{ name: `jobforge_${name}`, help, type: "gauge", samples },
  });
  const plain = (value: number): Sample[] => [{ labels: {}, value }];
  return [
    gauge("runs", "Runs at work or on their way.", [
      { labels: { state: "live" }, value: runs.live },
      { labels: { state: "pending" }, value: runs.pending },
    ]),
    gauge("runs_capacity", "Jobs the live runs can hold.", plain(runs.capacity)),
    gauge("runs_held", "Jobs the live runs hold.", plain(runs.held)),
    gauge("runs_ended_last_day", "Runs that ended within 24 hours.", [
      { labels: { state: "finished" }, value: runs.finished_24h },
      { labels: { state: "undelivered" }, value: runs.undelivered_24h },
      { labels: { state: "refused" }, value: runs.refused_24h },
      { labels: { state: "lost" }, value: runs.lost_24h },
    ]),
    gauge(
      "runs_cpu_seconds_last_day",
      "CPU time of the runs that ended within 24 hours, as they estimate it.",
      plain(runs.cpu_ms_24h / 1000),
    ),
    gauge(
      "alerts_open",
      "Open alerts.",
      Object.entries(alerts).map(([rule, value]) => ({ labels: { rule }, value })),
    ),
  ];
}

function maintenanceFamilies({ maintenance }: MetricNumbers): MetricFamily[] {
  const family = (
    type: "counter" | "gauge",
    name: string,
    help: string,
    valueOf: (task: MetricNumbers["maintenance"][number]) => number | null,
  ): MetricFamily => ({
    ...{ name: `jobforge_maintenance_${name}`, help, type },
    samples: maintenance.flatMap((each) => {
      const value = valueOf(each);
      return value === null ? [] : [{ labels: { task: each.task }, value }];
    }),
  });
  return [
    family("gauge", "failures", "Executions that failed in a row.", ({ failures }) => failures),
    family(
      "gauge",
      "last_success_age_seconds",
      "How long ago the task last succeeded.",
      ({ seconds_since_success }) => seconds_since_success,
    ),
    family(
      "gauge",
      "duration_seconds",
      "How long the last execution took.",
      ({ duration_ms }) => duration_ms === null ? null : duration_ms / 1000,
    ),
    family("counter", "rows_total", "Rows that the task handled.", ({ rows }) => rows),
  ];
}
