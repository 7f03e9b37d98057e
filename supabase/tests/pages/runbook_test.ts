import assert from "node:assert/strict";
import { run } from "../../../cli/run.ts";
import { connect } from "../../../local/postgres/database.ts";
import { startStack } from "../../../local/stack/stack.ts";

const TENANT = "11111111-1111-4111-8111-111111111111";
const OWN_TENANT = "22222222-2222-4222-8222-222222222222";

const runbook = await Deno.readTextFile(new URL("../../../RUNBOOK.md", import.meta.url));

/** Code of the page, inline and fenced, without line breaks. */
const code = [
  ...runbook.matchAll(/```sql\n([^]*?)```/g),
  ...runbook.replace(/```[^]*?```/g, "").matchAll(/`([^`]+)`/g),
].map((match) => match[1]!.replaceAll(/\s+/g, " ").trim());

/** What stands for a value of the reader's. */
function filled(text: string, values: Record<string, string>): string {
  return text.replaceAll(/<([a-z0-9 ]+)>/g, (whole, name) => values[name] ?? whole);
}

/** pg_net's own, whose stand-in has no process to restart. */
const FOREIGN = ["select net.worker_restart();"];

Deno.test("every statement and every command of the runbook works", async (t) => {
  const stack = await startStack({ functions: [] });
  const sql = connect(stack.dbUrl);
  try {
    const values = await something(sql);
    const statements = code.filter((each) => /^(select|update|alter) .*;$/.test(each));
    for (const text of statements.filter((each) => !FOREIGN.includes(each))) {
      await t.step(text, async () => {
        // Nothing a statement does is kept, so that each meets the same things.
        await sql.begin(async (transaction) => {
          await transaction.unsafe(filled(text, values)).simple();
          throw new Undone();
        }).catch((error) => {
          if (!(error instanceof Undone)) throw error;
        });
      });
    }
    const commands = code.filter((each) => /^jobforge [a-z]/.test(each));
    assert.ok(commands.length > 20, "the page has commands");
    for (const text of commands.filter((each) => !/^jobforge (erase|upgrade)/.test(each))) {
      await t.step(text, async () => {
        const said: string[] = [];
        const exit = await run(filled(text, values).split(" ").slice(1), {
          out: (line) => void said.push(line),
          err: (line) => void said.push(line),
          isInteractive: false,
          env: (name) => ({ SUPABASE_URL: stack.url, SUPABASE_SECRET_KEY: stack.secretKey })[name],
          readInput: () => Promise.resolve("a-value-of-a-secret\n"),
          ask: () => Promise.resolve(undefined),
          pause: () => Promise.reject(new Undone()),
        }, {
          devVariables: () => ({}),
          kit: () => Promise.reject(new Undone()),
          folder: "/",
          command: "jobforge",
        })
          .catch((error) => error instanceof Undone ? 0 : Promise.reject(error));
        // The doctor finds that this stack has no functions.
        const expected = text === "jobforge doctor" ? 1 : 0;
        assert.equal(exit, expected, said.join("\n"));
      });
    }
  } finally {
    await sql.end();
    await stack.stop();
  }
});

class Undone extends Error {}

/** A dead job, a schedule, and the names of both. */
async function something(sql: ReturnType<typeof connect>): Promise<Record<string, string>> {
  const [job] = await sql`
    select job_id from jobforge_enqueue_job(p_tenant_id => ${TENANT}, p_type => 'test.job')`;
  const settings = { expression: "0 3 * * *", type: "test.job" };
  const [schedule] = await sql`
    select id from jobforge_configure_schedule(${TENANT}, 'nightly', ${sql.json(settings)})`;
  await sql`select jobforge_set_secret(${TENANT}, 'stripe', 'whsec_a-first-value-of-it')`;
  await sql`
    select jobforge_configure_connector(${TENANT}, 'connector.webhook.deliver', 'shop',
      '{"url": "https://hooks.example.com/in"}', '{vault:shop}')`;
  await sql`select jobforge.seal_audit(1000)`;
  const verified = await sql`select jobforge_verify_audit() -> 'head' as head`;
  const { seq, hash } = verified[0]!.head;
  return {
    ...{ tenant: TENANT, "your tenant": OWN_TENANT, job: job!.job_id, schedule: schedule!.id },
    ...{ destination: "shop" },
    ...{ ref: "abcdefghijklmnopqrst", seq: String(seq), hash, pid: "0", "step 2": "2026-01-01" },
  };
}
