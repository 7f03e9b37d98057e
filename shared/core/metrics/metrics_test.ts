import assert from "node:assert/strict";
import { scrape } from "./fake_prometheus.ts";
import { metricFamilies, type MetricNumbers } from "./metrics.ts";
import { formatMetrics } from "./prometheus.ts";

const TENANT = "11111111-1111-4111-8111-111111111111";
const HISTOGRAM = {
  buckets: [{ le: 0.005, count: 1 }, { le: 2.5, count: 3 }, { le: null, count: 4 }],
  ...{ sum: 12.5, count: 4 },
};
const NUMBERS: MetricNumbers = {
  queues: [
    {
      ...{ tenant_id: TENANT, queue: "default", ready: 3, scheduled: 2, running: 1 },
      ...{ oldest_ready_seconds: 1.25, paused: false },
    },
    {
      ...{ tenant_id: TENANT, queue: "slow", ready: 0, scheduled: 0, running: 0 },
      ...{ oldest_ready_seconds: null, paused: true },
    },
  ],
  types: ["system.noop", "_other"].map((type) => ({
    ...{ type, succeeded: 4, failed: 1, dead: 1, canceled: 0, retried: 1 },
    ...{ duration: HISTOGRAM, latency: HISTOGRAM },
  })),
  runs: {
    ...{ live: 1, pending: 0, capacity: 100, held: 1, finished_24h: 9, undelivered_24h: 0 },
    ...{ refused_24h: 2, lost_24h: 1, cpu_ms_24h: 1500 },
  },
  maintenance: [
    {
      ...{ task: "prune_keys", failures: 3, seconds_since_success: 90, duration_ms: 250 },
      rows: 7000,
    },
    {
      ...{ task: "prune_audit", failures: 0, seconds_since_success: null, duration_ms: null },
      rows: 0,
    },
  ],
  alerts: { jobs_failing: 1, runs_lost: 0 },
};

const valueOf = (text: string, name: string, labels: Record<string, string> = {}) =>
  [...scrape(text).values()].flatMap(({ samples }) => samples).find((sample) =>
    sample.name === name &&
    Object.entries(labels).every(([label, value]) => sample.labels[label] === value)
  )?.value;

Deno.test("every number has its place", () => {
  const text = formatMetrics(metricFamilies(NUMBERS));
  const expected: [string, Record<string, string>, number | undefined][] = [
    ["jobforge_queue_ready", { tenant_id: TENANT, queue: "default" }, 3],
    ["jobforge_queue_scheduled", { queue: "default" }, 2],
    ["jobforge_queue_running", { queue: "default" }, 1],
    ["jobforge_queue_oldest_ready_seconds", { queue: "default" }, 1.25],
    ["jobforge_queue_oldest_ready_seconds", { queue: "slow" }, undefined],
    ["jobforge_queue_paused", { queue: "slow" }, 1],
    ["jobforge_jobs_ended_total", { type: "system.noop", status: "succeeded" }, 4],
    ["jobforge_jobs_ended_total", { type: "_other", status: "dead" }, 1],
    ["jobforge_attempts_retried_total", { type: "_other" }, 1],
    ["jobforge_attempt_duration_seconds_bucket", { type: "_other", le: "2.5" }, 3],
    ["jobforge_attempt_duration_seconds_bucket", { type: "_other", le: "+Inf" }, 4],
    ["jobforge_attempt_latency_seconds_sum", { type: "_other" }, 12.5],
    ["jobforge_attempt_latency_seconds_count", { type: "_other" }, 4],
    ["jobforge_runs", { state: "live" }, 1],
    ["jobforge_runs_capacity", {}, 100],
    ["jobforge_runs_held", {}, 1],
    ["jobforge_runs_ended_last_day", { state: "refused" }, 2],
    ["jobforge_runs_ended_last_day", { state: "lost" }, 1],
    ["jobforge_maintenance_failures", { task: "prune_keys" }, 3],
    ["jobforge_maintenance_failures", { task: "prune_audit" }, 0],
    ["jobforge_maintenance_last_success_age_seconds", { task: "prune_keys" }, 90],
    ["jobforge_maintenance_last_success_age_seconds", { task: "prune_audit" }, undefined],
    ["jobforge_maintenance_duration_seconds", { task: "prune_keys" }, 0.25],
    ["jobforge_maintenance_rows_total", { task: "prune_keys" }, 7000],
    ["jobforge_runs_cpu_seconds_last_day", {}, 1.5],
    ["jobforge_alerts_open", { rule: "jobs_failing" }, 1],
  ];
  for (const [name, labels, value] of expected) {
    assert.equal(valueOf(text, name, labels), value, name);
  }
});

Deno.test("every family has a type and a help text", () => {
  for (const [name, { help, type }] of scrape(formatMetrics(metricFamilies(NUMBERS)))) {
    assert.match(help, /\.$/, name);
    assert.equal(type === "counter", name.endsWith("_total"), name);
  }
});

Deno.test("a family without samples is left out", () => {
  const numbers = { ...NUMBERS, queues: [], types: [], maintenance: [], alerts: {} };
  const text = formatMetrics(metricFamilies(numbers));
  assert.deepEqual([...scrape(text).keys()].filter((name) => !/_runs/.test(name)), []);
});

Deno.test("values of labels and help are escaped", () => {
  const invalid = 'a"b\\n\nc}';
  const text = formatMetrics([{
    ...{ name: "odd", help: "back\\slash\nand line", type: "gauge" },
    samples: [{ labels: { type: invalid }, value: 1 }, { labels: {}, value: -1.5e-7 }],
  }]);
  assert.equal(
    text,
    '# HELP odd back\\\\slash\\nand line\n# TYPE odd gauge\nodd{type="a\\"b\\\\n\\nc}"} 1\nodd -1.5e-7\n',
  );
  assert.deepEqual(scrape(text).get("odd")!.samples[0]!.labels, { type: invalid });
});

Deno.test("infinity and NaN are written in the format's spelling", () => {
  const samples = [Infinity, -Infinity, NaN].map((value, n) => ({ labels: { n: `${n}` }, value }));
  const text = formatMetrics([{ name: "odd", help: "Odd.", type: "gauge", samples }]);
  assert.deepEqual(text.match(/\S+$/gm)!.slice(-3), ["+Inf", "-Inf", "NaN"]);
});
