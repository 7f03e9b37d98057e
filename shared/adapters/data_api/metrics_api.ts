import { metricFamilies, type MetricNumbers } from "../../core/metrics/metrics.ts";
import { formatMetrics } from "../../core/metrics/prometheus.ts";
import { callRpc, type DataApi } from "./data_api.ts";

/** Reads the metrics of the whole project, in Prometheus' text format. Throws JobForgeError. */
export async function readMetrics(api: DataApi): Promise<string> {
  const numbers = await callRpc(api, "jobforge_metrics", {}, { timeoutMs: 10_000 });
  return formatMetrics(metricFamilies(numbers as MetricNumbers));
}
