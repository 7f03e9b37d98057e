import { connect, type Sql } from "../../local/postgres/database.ts";
import type { Bench } from "../harness/bench.ts";
import {
  drain,
  enqueueJob,
  enqueueJobs,
  openJobForge,
  settleAndClaim,
  startRun,
} from "../harness/jobforge.ts";
import type { Row } from "../harness/rows.ts";

const FOLDER = new URL("../plans/", import.meta.url);
const WARM_UPS = 12;

/** A call whose statements are explained. */
interface Hot {
  name: string;
  title: string;
  call(sql: Sql, index: number): Promise<unknown>;
}

/** Writes bench/plans: what Postgres does in each statement of the hot functions. */
export async function writePlans(bench: Bench): Promise<Row[]> {
  const jobforge = await openJobForge(bench.server);
  const messages: string[] = [];
  const sql = connect(jobforge.database.adminUrl, {
    onnotice: ({ message }) => void messages.push(message ?? ""),
  });
  try {
    await jobforge.fill(100, bench.size(200_000, 50_000));
    await drain([sql], bench.size(200_000, 50_000), 500);
    await jobforge.fill(100, bench.size(100_000, 20_000));
    await Deno.mkdir(FOLDER, { recursive: true });
    for (const hot of hotCalls(await startRun(sql))) {
      for (let i = 0; i < WARM_UPS; i++) await hot.call(sql, i);
      await explain(sql, true);
      messages.length = 0;
      await hot.call(sql, WARM_UPS);
      await explain(sql, false);
      const text = [`${hot.title}. Postgres ${bench.server.version}.`, ...statementsIn(messages)];
      await Deno.writeTextFile(new URL(`${hot.name}.txt`, FOLDER), `${text.join("\n\n")}\n`);
    }
  } finally {
    await sql.end();
    await jobforge.close();
  }
  return [];
}

function hotCalls(runId: string): Hot[] {
  let held: Awaited<ReturnType<typeof settleAndClaim>> = [];
  const cycle = (limit: number) => async (sql: Sql) => {
    held = await settleAndClaim(sql, runId, held, limit);
  };
  return [
    {
      name: "enqueue_job",
      title: "One job enqueued",
      call: (sql, i) => enqueueJob(sql, 1 + i),
    },
    {
      name: "enqueue_jobs_1000",
      title: "1,000 jobs enqueued in a batch",
      call: (sql, i) => enqueueJobs(sql, 1 + i, 1000),
    },
    {
      name: "settle_and_claim_1",
      title: "One job settled, one claimed",
      call: cycle(1),
    },
    {
      name: "settle_and_claim_100",
      title: "100 jobs settled, 100 claimed",
      call: cycle(100),
    },
  ];
}

/** Sets auto_explain to send plans to the client. */
export async function explain(sql: Sql, on: boolean): Promise<void> {
  await sql.unsafe(`
    load 'auto_explain';
    set auto_explain.log_min_duration = ${on ? 0 : -1};
    set auto_explain.log_level = notice;
    set auto_explain.log_nested_statements = on;
    set auto_explain.log_analyze = on;
    set auto_explain.log_buffers = on;
    set auto_explain.log_wal = on;
  `).simple();
}

/** Leaves out what only computes a value: it has a plan of one Result node. */
export function statementsIn(messages: string[]): string[] {
  return messages
    .filter((text) => text.includes("plan:") && !/^Result {2}\(.*\)$/m.test(lastPart(text)))
    .map((text) => text.replace(/Query Parameters?:.*\n/, "").trim());
}

function lastPart(message: string): string {
  return message.slice(message.indexOf("Query Text:")).split("\n").slice(-2).join("\n");
}
