import assert from "node:assert/strict";
import { connect } from "../../../local/postgres/database.ts";
import { startStack } from "../../../local/stack/stack.ts";
import { withDatabase } from "../../../local/test/test_database.ts";
import { withoutLeaks } from "./leaks.ts";
import { ACME, eventually, GLOBEX, onStage, type Stage } from "./stage.ts";

const NOOP = { type: "system.noop", payload: {} };
const options = { JOBFORGE_DEADLINE_MS: "1500", JOBFORGE_MAX_IN_FLIGHT: "3" };

async function refusal(response: Response) {
  const { code } = await response.json();
  const { headers, status } = response;
  return { status, code, retryAfter: Number(headers.get("retry-after")) };
}

/** Keeps all other transactions from writing jobs while `use` runs. */
async function whileLocked(stage: Stage, use: () => Promise<void>): Promise<void> {
  await stage.sql.begin(async (transaction) => {
    await transaction`lock table jobforge.jobs in share row exclusive mode`;
    await use();
  });
}

Deno.test("enqueue under load", (t) =>
  onStage((stage) => underLoad(t, stage), {}, {}, { enqueueEnv: options }));

async function underLoad(t: Deno.TestContext, stage: Stage): Promise<void> {
  const user = await stage.user(ACME);
  const enqueue = () => stage.call("enqueue", user, NOOP);
  // The Data API reads the catalog at its first call, which may take longer than the deadline.
  await eventually("a warm Data API", async () => (await enqueue()).status === 202 || undefined);

  await t.step(
    "a database that does not answer in time is 503 with Retry-After",
    () =>
      whileLocked(stage, async () => {
        const { status, code, retryAfter } = await refusal(await enqueue());
        assert.deepEqual([status, code], [503, "unavailable"]);
        assert.ok(retryAfter >= 1);
      }),
  );

  await t.step(
    "while it is slow, requests beyond the gate are refused without it",
    () =>
      whileLocked(stage, async () => {
        const calls = Array.from({ length: 12 }, async () => await refusal(await enqueue()));
        const all = await Promise.all(calls);
        assert.deepEqual(all.filter(({ status }) => status !== 503), []);
        const refusedAtOnce = all.filter(({ retryAfter }) => retryAfter === 2);
        assert.equal(refusedAtOnce.length, 9);
      }),
  );

  await t.step("and then everything is well again", async () => {
    assert.equal((await enqueue()).status, 202);
  });

  await t.step("a full queue returns its limit and when to come back", async () => {
    await stage.sql`
      select jobforge_configure_queue(${ACME}, 'default', '{"max_queued": 2, "paused": true}')`;
    const full = await stage.call("enqueue", user, { jobs: [NOOP, NOOP, NOOP] });
    assert.equal(full.headers.get("ratelimit-policy"), '"queue";q=2');
    assert.match(full.headers.get("ratelimit") ?? "", /^"queue";r=[012];t=60$/);
    const exposed = full.headers.get("access-control-expose-headers") ?? "";
    assert.match(exposed, /retry-after.*ratelimit, ratelimit-policy/);
    const { status, code, retryAfter } = await refusal(full);
    assert.deepEqual([status, code, retryAfter], [429, "queue_full", 60]);
  });

  await t.step("another tenant is let in meanwhile", async () => {
    const made = await stage.call("enqueue", await stage.user(GLOBEX), NOOP);
    assert.equal(made.status, 202);
  });
}

Deno.test("a database that takes no writes is 503 with Retry-After", () =>
  withDatabase(async (database) => {
    const { name, password } = database;
    const admin = connect(database.adminUrl);
    await admin.unsafe(`
      alter role authenticator in database ${name} set default_transaction_read_only = on`);
    await admin.end();
    const attached = { adminUrl: database.adminUrl, password };
    const stack = await startStack({ database: attached, functions: ["enqueue"] });
    try {
      const response = await fetch(`${stack.url}/functions/v1/enqueue`, {
        method: "POST",
        headers: { apikey: stack.secretKey, "content-type": "application/json" },
        body: JSON.stringify({ ...NOOP, tenant_id: ACME }),
      });
      const { status, code, retryAfter } = await refusal(await withoutLeaks(response));
      assert.deepEqual([status, code], [503, "unavailable"]);
      assert.ok(retryAfter >= 1);
    } finally {
      await stack.stop();
    }
  }));
