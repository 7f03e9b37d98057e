import assert from "node:assert/strict";
import type { Sql } from "../../../local/postgres/database.ts";
import { withDatabase } from "../../../local/test/test_database.ts";
import { calls, setStage, sqlOf, type Stage } from "./stage.ts";

/** Calls after which a stage is of no use to others. */
const LAST = ["delete_connector", "delete_destination", "delete_schedule", "erase_tenant"];

/** Calls of the run itself. A run has one worker, which sends one call after the other. */
const OF_THE_RUN =
  /^(claim_jobs|complete_jobs|finish_run|heartbeat|release_jobs|settle_and_claim)$/;

/** Calls that change a row which the open one changed. */
const BUSY = [
  "close_host",
  "configure_alert",
  "configure_alert delivery",
  "configure_audit_retention",
  "configure_publishing",
  "configure_queue",
  "configure_retention",
  "count_refusals",
  "readmit_tenant",
  "receive_webhook",
  "setup",
  "start_run",
  "start_run without types",
];

/** Two waits of a second for a lock, with room for a busy machine. */
const PATIENCE_MS = 4000;

Deno.test("the same call beside an open one goes on, or is refused within moments", async () => {
  await withDatabase(async ({ sql, open }) => {
    await sql`select from jobforge_setup('http://127.0.0.1:9', 100)`;
    const all = await prepare(sql);
    const [holder, ...others] = await open(1 + all.length);
    await holder!`begin`;
    for (const { text } of all) await hold(holder!, text);
    const answers = await Promise.all(
      all.map(({ name, text }, index) =>
        answer(others[index]!, text).then((each) => ({ name, ...each }))
      ),
    );
    await holder!`rollback`;
    const waited = answers.filter(({ code }) => code !== undefined && !code.startsWith("PT"));
    assert.deepEqual(waited, []);
    const answeredBusy = answers.filter(({ detail }) => detail === "busy").map(({ name }) => name);
    assert.deepEqual(BUSY.filter((name) => !answeredBusy.includes(name)), []);
  });
});

/** Every call as it stands in a `from`, the last ones each on a stage of its own. */
async function prepare(sql: Sql): Promise<{ name: string; text: string }[]> {
  const stage = await setStage(sql);
  const erased = crypto.randomUUID();
  await sql`
    insert into jobforge.erasures (tenant_hash, started_at, finished_at, certificate_hash)
    values (jobforge.tenant_hash(${erased}), now(), now(), 'of its certificate')`;
  await sql`select jobforge_configure_connector(${stage.tenant}, 'connector.webhook.deliver',
    'alerts', '{"url": "https://hooks.example.com/in"}', '{vault:signing}')`;
  const p_settings = { tenant_id: stage.tenant, destination: "alerts" };
  const own: Record<string, Stage> = {};
  for (const name of LAST) own[name] = await setStage(sql);
  const names = Object.keys(calls(stage)).filter((name) => !OF_THE_RUN.test(name));
  const [first, last] = [false, true].map((isLast) =>
    names.filter((name) => LAST.includes(name) === isLast)
  );
  return [
    ...first!.map((name) => ({ name, text: sqlOf(name, calls(stage)[name]!) })),
    {
      name: "configure_alert delivery",
      text: sqlOf("configure_alert", { p_rule: "delivery", p_settings }),
    },
    { name: "start_run without types", text: sqlOf("start_run", { p_capacity: 1 }) },
    { name: "readmit_tenant", text: sqlOf("readmit_tenant", { p_tenant_id: erased }) },
    ...last!.map((name) => ({ name, text: sqlOf(name, calls(own[name]!)[name]!) })),
  ];
}

/** Calls and keeps the transaction open. A refusal is undone with what it locked. */
async function hold(holder: Sql, text: string): Promise<void> {
  await holder`savepoint call`;
  await holder.unsafe(`select * from ${text}`).catch(() => holder`rollback to call`);
}

async function answer(sql: Sql, text: string): Promise<{ code?: string; detail?: string }> {
  await sql`set statement_timeout = ${sql.unsafe(`${PATIENCE_MS}`)}`;
  return await sql.unsafe(`select * from ${text}`)
    .then(() => ({}), ({ code, detail }) => ({ code, detail }));
}
