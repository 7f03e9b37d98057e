import type { Bench } from "../harness/bench.ts";
import { interleave, median, quantile, type Series, valuesOf } from "../harness/harness.ts";
import { openJobForge } from "../harness/jobforge.ts";
import { type Row, targetOf } from "../harness/rows.ts";
import { claimCell } from "./claim_cell.ts";

const TENANTS = 100;
const SMALL = 10_000;

/** Claims from a small table, from one with a large backlog, and from one with a long history. */
export async function sizeRows(bench: Bench): Promise<Row[]> {
  const large = bench.size(5_000_000, 150_000);
  const [small, backlog, history] = [
    await openJobForge(bench.server),
    await openJobForge(bench.server),
    await openJobForge(bench.server),
  ];
  await Promise.all([
    small.fill(TENANTS, SMALL),
    backlog.fill(TENANTS, large),
    history.fill(TENANTS, large, "succeeded").then(() => history.fill(TENANTS, SMALL)),
  ]);
  const cells = await Promise.all([
    claimCell("small", small, SMALL / 2),
    claimCell("backlog", backlog, SMALL / 2),
    claimCell("history", history, SMALL / 2),
  ]);
  await bench.server.admin`checkpoint`;
  const series = await interleave(cells, bench.size(120, 40), 10);
  await Promise.all([small, backlog, history].map((each) => each.close()));
  const text = large.toLocaleString("en");
  return [
    sizeRow(series, "backlog", `claim(50) p50, backlog 10,000 → ${text}`),
    sizeRow(series, "history", `claim(50) p50, finished 0 → ${text}`),
  ];
}

function sizeRow(series: Series, name: string, work: string): Row {
  const [small, large] = [valuesOf(series, "small"), valuesOf(series, name)];
  const figures = (values: number[]) =>
    `p50 ${median(values).toFixed(2)}, p99 ${quantile(values, 0.99).toFixed(2)} ms`;
  return {
    work,
    measured: median(large) / median(small),
    unit: "×",
    ...targetOf({ atMost: 1.3 }),
    note: `${figures(large)} against ${figures(small)}`,
  };
}
