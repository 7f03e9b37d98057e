import { randomBytes } from "node:crypto";
import { DEMO_TENANTS } from "../../local/dev/tenants.ts";
import { StackError } from "../../local/errors.ts";
import { connect, type Sql } from "../../local/postgres/database.ts";
import { type Stack, startStack } from "../../local/stack/stack.ts";
import { sample } from "../data/sample.ts";
import { showConnectors } from "./connectors.ts";
import { enqueueAsBackend, enqueueAsUser, enqueueInSql, userJobForge } from "./enqueue.ts";
import { tryToCross } from "./isolation.ts";
import { openOutside, type Outside } from "./outside.ts";
import { endedJobs, jobsPerSecond, latestProgress, table, tenantReports } from "./report.ts";

const DEADLINE_MS = 45_000;
const WEBHOOK_SECRET = `whsec_${randomBytes(32).toString("base64")}`;
const SEED = new URL("../../supabase/seed.sql", import.meta.url).pathname;
/** The functions of the project with the application's job types. */
const FUNCTIONS = new URL("functions/", import.meta.url).pathname;

/** Jobs enqueued per tenant, by name. */
type Enqueued = Record<string, number>;

async function enqueueAll(stack: Stack, sql: Sql): Promise<Enqueued> {
  const [acme, globex, initech] = await Promise.all([
    enqueueAsUser(stack),
    enqueueAsBackend(stack),
    enqueueInSql(sql),
  ]);
  console.log(`
acme     ${acme} jobs: documents to index, by a user's JWT through the client
globex   ${globex} jobs: files to import, by a secret key through the enqueue function, 4 at a time
initech  ${initech} jobs: invoices to render, by SQL in the transaction that writes the orders
`);
  return { acme, globex, initech };
}

async function watchUntilDrained(sql: Sql, enqueued: Enqueued): Promise<void> {
  const deadline = performance.now() + DEADLINE_MS;
  for (let last = "";;) {
    const ended = await endedJobs(sql);
    const progress = await latestProgress(sql);
    const line = Object.entries(enqueued)
      .map(([tenant, count]) => `${tenant} ${ended[tenant] ?? 0}/${count}`).join("   ");
    const text = progress ? `${line}   (a job reports ${JSON.stringify(progress)})` : line;
    if (text !== last) console.log(text);
    last = text;
    if (Object.entries(enqueued).every(([tenant, count]) => ended[tenant] === count)) return;
    if (performance.now() > deadline) {
      throw new Error(`not all jobs ended within ${DEADLINE_MS / 1000} s: ${line}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
}

async function showResult(stack: Stack): Promise<void> {
  const acme = await userJobForge(stack, DEMO_TENANTS.acme);
  const job = await acme.enqueueJob("document.index", {
    text: await sample("lighthouse.txt"),
    summary_sentences: 1,
  });
  const { result } = await acme.waitForJob(job);
  if (!result) throw new Error("the document was not indexed");
  console.log(
    `\nOne more, waited for: ${result.words} words, most frequent: ${
      result.terms.slice(0, 4).map(({ term }) => term).join(", ")
    }.\n  "${result.summary[0]}"`,
  );
}

async function showIsolation(stack: Stack, sql: Sql): Promise<void> {
  const [foreign] = await sql`
    select id from jobforge_jobs where tenant_id = ${DEMO_TENANTS.globex} limit 1
  `;
  const attempts = await tryToCross(stack, foreign!.id);
  console.log("\nWhat a user of acme gets when trying to\n");
  for (const { what, stopped, answer } of attempts) {
    console.log(`  ${stopped ? "stopped" : "LET IN "}  ${what}: ${answer}`);
  }
  const crossed = attempts.filter(({ stopped }) => !stopped);
  if (crossed.length > 0) throw new Error(`a tenant could ${crossed[0]!.what}`);
}

function expectOutcomes(reports: Awaited<ReturnType<typeof tenantReports>>, enqueued: Enqueued) {
  const expected: Record<string, [string, number][]> = {
    acme: [["succeeded", enqueued.acme!], ["retried", 1]],
    globex: [["succeeded", enqueued.globex! - 1], ["failed", 1]],
    initech: [["succeeded", enqueued.initech! - 1], ["dead", 1]],
  };
  for (const report of reports) {
    for (const [column, count] of expected[report.tenant] ?? []) {
      const found = report[column as keyof typeof report];
      if (found !== count) throw new Error(`${report.tenant}: ${column} is ${found}, not ${count}`);
    }
  }
}

async function demo(stack: Stack, outside: Outside): Promise<void> {
  const sql = connect(stack.dbUrl);
  try {
    const enqueued = await enqueueAll(stack, sql);
    await watchUntilDrained(sql, enqueued);
    const reports = await tenantReports(sql);
    console.log(
      `\n${table(reports)}\n\nstart_p50 and start_p95: milliseconds from enqueued to started.`,
    );
    console.log(
      `${await jobsPerSecond(sql)} jobs per second from the first enqueue to the last end.`,
    );
    expectOutcomes(reports, enqueued);
    await showResult(stack);
    await showConnectors(stack, outside, WEBHOOK_SECRET);
    await showIsolation(stack, sql);
    console.log(
      "\nEvery job ended as it should, and no tenant reached another's. `deno task dev` starts a stack that stays.",
    );
  } finally {
    await sql.end();
  }
}

const outside = openOutside(WEBHOOK_SECRET);
try {
  const stack = await startStack({
    files: { seed: SEED, functions: FUNCTIONS },
    functionOptions: { worker: { env: { JOBFORGE_LOCAL_EGRESS: outside.address } } },
    progress: (text) => console.log(text),
  });
  try {
    await demo(stack, outside);
  } catch (error) {
    for (const name of ["enqueue", "worker", "webhook-verify"]) {
      for (const line of stack.logs(name).slice(-10)) console.error(`${name}: ${line}`);
    }
    throw error;
  } finally {
    await stack.stop();
  }
} catch (error) {
  console.error(`\nThe demo failed: ${error instanceof Error ? error.message : error}`);
  if (error instanceof StackError && error.hint) console.error(error.hint);
  Deno.exitCode = 1;
} finally {
  await outside.stop();
}
