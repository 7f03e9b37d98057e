import type { Sql } from "../../local/postgres/database.ts";
import type { Bench } from "../harness/bench.ts";
import {
  expectCount,
  interleave,
  median,
  millisecondsOf,
  quantile,
  ratios,
} from "../harness/harness.ts";
import {
  type ClaimedJob,
  enqueueJob,
  type JobForge,
  openJobForge,
  settleAndClaim,
  startRun,
  tenantId,
} from "../harness/jobforge.ts";
import { type Row, significant, targetOf } from "../harness/rows.ts";
import { claimCell } from "./claim_cell.ts";

const TENANTS = 100;

/** What other tenants cost a tenant. */
export async function neighbourRows(bench: Bench): Promise<Row[]> {
  return [await smallTenantRow(bench), await cappedRow(bench)];
}

/** One tenant has filled the queue. Others come with one job each, one after the other. */
async function smallTenantRow(bench: Bench): Promise<Row> {
  const jobforge = await openJobForge(bench.server);
  const neighbours = bench.size(1_000_000, 100_000);
  await jobforge.fill(1, neighbours);
  const office = new Office();
  const working = (await jobforge.database.open(4)).map((sql) => office.work(sql));
  const count = bench.size(150, 40);
  for (let probe = 0; probe < count; probe++) {
    office.probes.set(tenantId(2 + probe), performance.now());
    await enqueueJob(jobforge.sql, 2 + probe);
    await new Promise((resolve) => setTimeout(resolve, 40));
  }
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  office.closed = true;
  await Promise.all(working);
  await jobforge.close();
  expectCount("starts of small tenants' jobs", office.waits.length, count);
  const cycle = median(office.cycles);
  const p99 = quantile(office.waits, 0.99);
  return {
    work: `small tenant behind ${neighbours.toLocaleString("en")} jobs of another: p99 start`,
    measured: p99,
    unit: "ms",
    target: {
      limit: 25,
      atLeast: false,
      or: { text: "3 claim cycles", reached: p99 <= 3 * cycle },
    },
    note:
      `from before the enqueue to the claim's reply; p50 ${significant(median(office.waits))} ms ` +
      `of ${count} starts, 4 workers × 50, a claim cycle takes ${significant(cycle)} ms`,
  };
}

/** Workers that never rest, and the clock for jobs that are waited for. */
class Office {
  readonly probes = new Map<string, number>();
  readonly waits: number[] = [];
  readonly cycles: number[] = [];
  closed = false;

  async work(sql: Sql): Promise<void> {
    const runId = await startRun(sql);
    let held: ClaimedJob[] = [];
    while (!this.closed) {
      const limit = 50;
      this.cycles.push(
        await millisecondsOf(async () => held = await settleAndClaim(sql, runId, held, limit)),
      );
      const now = performance.now();
      for (const { tenant_id } of held) {
        const enqueued = this.probes.get(tenant_id);
        if (enqueued !== undefined && this.probes.delete(tenant_id)) {
          this.waits.push(now - enqueued);
        }
      }
    }
  }
}

/** 99 of 100 tenants have jobs by the thousand and may start none of them. */
async function cappedRow(bench: Bench): Promise<Row> {
  const jobs = bench.size(1_000_000, 100_000);
  const free = await openJobForge(bench.server);
  const capped = await openJobForge(bench.server);
  await Promise.all([free, capped].map(async (each) => {
    await each.fill(TENANTS, jobs);
    // The one without a cap has work for every claim.
    await each.fill(1, 10_000);
  }));
  await capAllButOne(capped);
  const cells = await Promise.all([claimCell("capped", capped), claimCell("free", free)]);
  const series = await interleave(cells, bench.size(100, 40), 5);
  await free.close();
  await capped.close();
  const values = ratios(series, "capped", "free");
  return {
    work: `99 of 100 tenants at their cap with ${jobs.toLocaleString("en")} queued: claim(50)`,
    measured: median(values),
    unit: "×",
    ...targetOf({ atMost: 1.1 }),
    note: ["capped", "free"].map((name) => `${name} ${median(series.get(name)!).toFixed(2)} ms`)
      .join(" against ") + " (median)",
  };
}

async function capAllButOne({ sql }: JobForge): Promise<void> {
  for (let tenant = 2; tenant <= TENANTS; tenant++) {
    const settings = sql.json({ max_running: 10 });
    await sql`select from jobforge_configure_queue(${tenantId(tenant)}, 'default', ${settings})`;
  }
  for (let tries = 0; tries < 30; tries++) {
    await settleAndClaim(sql, await startRun(sql), [], 200);
    const [row] = await sql`select count(*)::int as count from jobforge.queues where runnable`;
    if (row!.count === 1) return void await sql`vacuum analyze jobforge.queues`;
  }
  throw new Error("the capped queues did not come to rest at their caps");
}
