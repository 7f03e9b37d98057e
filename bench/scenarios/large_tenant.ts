import type { Sql } from "../../local/postgres/database.ts";
import { calls, setStage, sqlOf, type Stage } from "../../supabase/tests/concurrency/stage.ts";
import type { Bench } from "../harness/bench.ts";
import { median, millisecondsOf, report } from "../harness/harness.ts";
import { openJobForge, tenantId } from "../harness/jobforge.ts";
import { type Row, significant, targetOf } from "../harness/rows.ts";
import { claimsOf, dashboardPages, type Query } from "./dashboard_plans.ts";

const ROUNDS = 15;
/** What goes over many rows at once, each call by a limit of its own or by a budget of time. */
const BULK = /^(cancel_jobs|retry_jobs|cleanup|erase_tenant|verify_audit|Bulk: .*)$/;

interface Timed {
  name: string;
  ms: number;
  /** The fastest and the slowest round. */
  spread: [number, number];
}

/**
 * Every public function and every query of the dashboard, for a tenant with 1,000,000 finished and
 * 100,000 queued jobs. Each call is rolled back, so that all find the same rows.
 */
export async function largeTenantRows(bench: Bench): Promise<Row[]> {
  const jobforge = await openJobForge(bench.server);
  const { sql, admin } = jobforge;
  const [finished, queued] = [bench.size(1_000_000, 50_000), bench.size(100_000, 20_000)];
  try {
    await sql`select from jobforge_setup('http://127.0.0.1:9', 100)`;
    const stage = await setStage(sql, undefined, tenantId(1));
    await jobforge.fill(1, finished, "succeeded");
    await jobforge.fill(1, queued);
    for (const file of ["dashboard", "large_tenant"]) {
      await admin.unsafe(await Deno.readTextFile(new URL(`../sql/${file}.sql`, import.meta.url)));
    }
    await admin.unsafe("vacuum analyze");
    const timed = [...await timePages(admin, bench), ...await timeCalls(admin, stage, bench)];
    for (const { name, ms, spread } of timed.toSorted((a, b) => b.ms - a.ms)) {
      report(`${ms.toFixed(2).padStart(9)} ms, from ${spread[0].toFixed(2)}  ${name}`);
    }
    const beside = `${(finished + queued).toLocaleString("en")} jobs of one tenant`;
    const isBulk = ({ name }: Timed) => BULK.test(name);
    const isList = ({ name }: Timed) => name.startsWith("Jobs: ") || name === "list_jobs";
    return [
      row(`slowest list of jobs, beside ${beside}`, timed.filter(isList), 5),
      row(
        `slowest other page or function, beside ${beside}`,
        timed.filter((each) => !isList(each) && !isBulk(each)),
        5,
      ),
      row(`slowest function over many rows, beside ${beside}`, timed.filter(isBulk)),
    ];
  } finally {
    await jobforge.close();
  }
}

function row(work: string, timed: Timed[], atMost?: number): Row {
  const slowest = timed.toSorted((a, b) => b.ms - a.ms);
  const most = slowest.slice(0, 5).map(({ name, ms, spread: [fastest] }) =>
    `${name} ${significant(ms)} ms (fastest round ${significant(fastest)} ms)`
  ).join(", ");
  const [load] = Deno.loadavg();
  return {
    ...{ work, measured: slowest[0]!.ms, unit: "ms", spread: slowest[0]!.spread },
    ...targetOf(atMost === undefined ? {} : { atMost }),
    note:
      `p50 in the database of each of ${timed.length}. The slowest: ${most}. The machine had a ` +
      `load of ${load!.toFixed(0)} on two cores`,
  };
}

async function timePages(sql: Sql, bench: Bench): Promise<Timed[]> {
  const timed: Timed[] = [];
  for (const [page, queries] of Object.entries(await dashboardPages(sql))) {
    for (const query of [...queries, ...page === "Jobs" ? LISTS_OF_THE_COMMAND : []]) {
      const name = `${page}: ${query.title} (${query.as})`;
      timed.push({ name, ...await p50(sql, bench, query.text, query.as) });
    }
  }
  return timed;
}

/** What `jobforge list` asks for beside the lists of the dashboard. */
const LISTS_OF_THE_COMMAND: Query[] = [
  { title: "jobforge list", filter: {} },
  { title: "jobforge list --status", filter: { status: "succeeded" } },
  { title: "jobforge list --type", filter: { type: "system.noop" } },
  { title: "jobforge list --queue", filter: { queue: "default" } },
  { title: "jobforge list --queue of none", filter: { queue: "waiting", status: "dead" } },
].map(({ title, filter }) => ({
  ...{ title, as: "service_role" as const },
  text: `select public.jobforge_list_jobs('${tenantId(1)}', '${JSON.stringify(filter)}')`,
}));

async function timeCalls(sql: Sql, stage: Stage, bench: Bench): Promise<Timed[]> {
  const timed: Timed[] = [];
  for (const [name, args] of Object.entries(calls(stage))) {
    // Its tenant was not erased, so this call is refused.
    if (name === "readmit_tenant") continue;
    timed.push({ name, ...await p50(sql, bench, `select * from ${sqlOf(name, args)}`) });
  }
  return timed;
}

/** The median of a statement in a transaction of its own, after a first one that does not count. */
async function p50(
  sql: Sql,
  bench: Bench,
  text: string,
  as?: Query["as"],
): Promise<Omit<Timed, "name">> {
  const values: number[] = [];
  for (let round = -1; round < bench.rounds(ROUNDS, 3); round++) {
    await sql.unsafe("begin");
    try {
      if (as) {
        await sql`select set_config('request.jwt.claims', ${claimsOf(as)}, true)`;
        await sql.unsafe(`set local role ${as}`);
      }
      const ms = await millisecondsOf(() => sql.unsafe(text));
      if (round >= 0) values.push(ms);
    } finally {
      await sql.unsafe("rollback");
    }
  }
  return { ms: median(values), spread: [Math.min(...values), Math.max(...values)] };
}
