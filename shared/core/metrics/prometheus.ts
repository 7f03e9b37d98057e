/** A metric with its samples, as Prometheus' text format 0.0.4 groups them. */
export interface MetricFamily {
  name: string;
  help: string;
  type: "counter" | "gauge" | "histogram";
  samples: Sample[];
}

/** One line: a value with its labels. `suffix` is `_bucket`, `_sum` or `_count` in histograms. */
export interface Sample {
  labels: Record<string, string>;
  value: number;
  suffix?: "_bucket" | "_sum" | "_count";
}

/** Content type of the text format. */
export const PROMETHEUS_TEXT = "text/plain; version=0.0.4; charset=utf-8";

/** Returns families in the text format. Families without samples are left out. */
export function formatMetrics(families: readonly MetricFamily[]): string {
  return families.filter(({ samples }) => samples.length > 0).map(formatFamily).join("");
}

function formatFamily({ help, name, samples, type }: MetricFamily): string {
  const lines = samples.map(({ labels, suffix = "", value }) =>
    `${name}${suffix}${formatLabels(labels)} ${formatValue(value)}\n`
  );
  return `# HELP ${name} ${escapeHelp(help)}\n# TYPE ${name} ${type}\n${lines.join("")}`;
}

function formatLabels(labels: Record<string, string>): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escapeLabel(value)}"`);
  return pairs.length > 0 ? `{${pairs.join(",")}}` : "";
}

function formatValue(value: number): string {
  if (value === Infinity) return "+Inf";
  if (value === -Infinity) return "-Inf";
  return String(value);
}

function escapeHelp(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n");
}

function escapeLabel(text: string): string {
  return escapeHelp(text).replaceAll('"', '\\"');
}
