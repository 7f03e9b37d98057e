import { connect, type Sql } from "../../local/postgres/database.ts";
import { type ReadName, READS } from "../../dashboard/contract/reads.ts";
import type { Bench } from "../harness/bench.ts";
import { openJobForge, tenantId } from "../harness/jobforge.ts";
import { explain, statementsIn } from "./plans.ts";
import type { Row } from "../harness/rows.ts";

const FOLDER = new URL("../plans/", import.meta.url);
const TENANTS = 100;
const MEMBER = JSON.stringify({
  role: "authenticated",
  sub: "bench",
  app_metadata: { tenant_id: tenantId(1) },
});

/** A query of a page, as the Data API would run it. */
export interface Query {
  title: string;
  /** By an operator's secret key, or by a user of one tenant under row level security. */
  as: "service_role" | "authenticated";
  text: string;
}

/** Writes bench/plans/dashboard_*.txt: what Postgres does for each page of the dashboard. */
export async function writeDashboardPlans(bench: Bench): Promise<Row[]> {
  const jobforge = await openJobForge(bench.server);
  const messages: string[] = [];
  const sql = connect(jobforge.database.adminUrl, {
    onnotice: ({ message }) => void messages.push(message ?? ""),
  });
  try {
    await jobforge.fill(TENANTS, bench.size(1_000_000, 50_000), "succeeded");
    await jobforge.fill(TENANTS, bench.size(100_000, 20_000), "queued");
    await sql.unsafe(await Deno.readTextFile(new URL("../sql/dashboard.sql", import.meta.url)));
    await sql.unsafe("vacuum analyze");
    await Deno.mkdir(FOLDER, { recursive: true });
    for (const [page, queries] of Object.entries(await dashboardPages(sql))) {
      const parts = [`${page}. Postgres ${bench.server.version}.`];
      for (const query of queries) {
        const { ms, plans } = await planned(sql, query, messages);
        parts.push(`## ${query.title} (${query.as}): ${ms.toFixed(1)} ms`, ...plans);
      }
      const file = new URL(`dashboard_${page.toLowerCase()}.txt`, FOLDER);
      await Deno.writeTextFile(file, `${parts.join("\n\n")}\n`);
    }
  } finally {
    await sql.end();
    await jobforge.close();
  }
  return [];
}

/** The queries of each page. The first tenant has a dead job and a webhook endpoint. */
export async function dashboardPages(sql: Sql): Promise<Record<string, Query[]>> {
  const [job] = await sql`
    select id from public.jobforge_jobs
    where tenant_id = ${tenantId(1)} and status = 'dead' limit 1
  `;
  const [config] = await sql`select tenant_id, id from public.jobforge_connector_configs limit 1`;
  const one = { tenant_id: tenantId(1), id: job!.id };
  const part = { tenant_id: tenantId(1), job_id: job!.id };
  const both = (title: string, text: string): Query[] => [
    { title, as: "service_role", text },
    { title, as: "authenticated", text },
  ];
  const list = (filter: Record<string, unknown>) =>
    `select public.jobforge_list_jobs(p_filter => '${JSON.stringify(filter)}')`;
  return {
    Overview: [
      ...both("Numbers", "select public.jobforge_overview()"),
      ...both(
        "History of 24 hours",
        "select * from public.jobforge_history(now() - interval '1 day', now(), 900)",
      ),
      { title: "Alerts", as: "service_role", text: "select * from public.jobforge_alerts()" },
    ],
    Jobs: [
      ...both("The newest", list({})),
      ...both("Dead and failed", list({ status: ["dead", "failed"] })),
      ...both("Scheduled", list({ status: ["scheduled"] })),
      ...both("Queued", list({ status: ["queued"] })),
      ...both("Running", list({ status: ["running"] })),
      ...both("Of a type that does not exist", list({ type: "no.such" })),
      ...both("With an error that does not exist", list({ status: "dead", error_code: "no" })),
    ],
    Job: [
      ...both("The job", read("job", one)),
      ...both("Its payload", read("payload", one)),
      ...both("Its attempts", read("attempts", part)),
      ...both("Its result", read("result", part)),
      ...both("Why", `select public.jobforge_explain_job('${job!.id}', '${tenantId(1)}')`),
    ],
    Queues: both("A page of queues", "select * from public.jobforge_list_queues()"),
    Bulk: both(
      "A dry run",
      `select public.jobforge_retry_jobs('${tenantId(1)}', '{}', null, 10000, true)`,
    ),
    Lists: [
      ...both("Schedules", read("schedules", {})),
      ...both("Connectors", read("connectors", {})),
      ...both(
        "Received webhooks of an endpoint",
        read("received_webhooks", { tenant_id: config!.tenant_id, config_id: config!.id }),
      ),
      ...both("Audit log", read("audit", {})),
      ...both("Audit log of a tenant", read("audit", { tenant_id: tenantId(1) })),
    ],
  };
}

function read(name: ReadName, key: Record<string, string>): string {
  const { table, columns, limit, order } = READS[name] as (typeof READS)[ReadName] & {
    order?: string;
  };
  const filters = Object.entries(key).map(([column, value]) => `${column} = '${value}'`);
  return [
    `select ${columns} from public.${table}`,
    filters.length > 0 ? `where ${filters.join(" and ")}` : "",
    order ? `order by ${order.replace(".", " ")}` : "",
    `limit ${limit}`,
  ].filter(Boolean).join(" ");
}

/** The claims of a caller's token. */
export function claimsOf(as: Query["as"]): string {
  return as === "authenticated" ? MEMBER : '{"role":"service_role"}';
}

/** The second run of a query, and the plan of each different statement in it. */
async function planned(
  sql: Sql,
  query: Query,
  messages: string[],
): Promise<{ ms: number; plans: string[] }> {
  await sql.unsafe("set session_preload_libraries = ''");
  await explain(sql, true);
  await sql.unsafe(`
    begin;
    select set_config('request.jwt.claims', '${claimsOf(query.as)}', true);
    set local role ${query.as};
    ${query.text};
  `).simple();
  messages.length = 0;
  const started = performance.now();
  await sql.unsafe(query.text).simple();
  const ms = performance.now() - started;
  await sql.unsafe("rollback").simple();
  await explain(sql, false);
  const seen = new Set<string>();
  const plans = statementsIn(messages).filter((plan) => {
    const text = /Query Text: ([^]*?)\n\S/.exec(plan)?.[1] ?? plan;
    return !seen.has(text) && seen.add(text);
  });
  const walked = plans.find((plan) => /Seq Scan on jobs\b/.test(plan));
  if (walked) throw new Error(`${query.title} reads all jobs: ${walked}`);
  return { ms, plans: plans.map(shortened) };
}

/** The statement's first lines are enough to find it in the migrations. */
function shortened(plan: string): string {
  const lines = plan.split("\n");
  const start = lines.findIndex((line) => /^\S.*\(cost=/.test(line));
  return [...lines.slice(0, Math.min(start, 4)), ...lines.slice(start)].join("\n");
}
