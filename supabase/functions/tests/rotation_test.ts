import assert from "node:assert/strict";
import { generateKeys, legacyKey, platformVariables } from "../../../local/keys.ts";
import { ACME, eventually, onStage, pause, type Stage } from "./stage.ts";
import { makeSigningKey, signWith, userClaims } from "./tokens.ts";

const NOOP = { type: "system.noop", payload: {} };

/** Enqueues without a break, under the current credential. */
class Caller {
  readonly answers: number[] = [];
  headers: Record<string, string>;
  #stopped = false;
  #done: Promise<void>;

  constructor(private readonly stage: Stage, headers: Record<string, string>) {
    this.headers = headers;
    this.#done = this.#run();
  }

  async #run(): Promise<void> {
    while (!this.#stopped) {
      const response = await this.stage.call("enqueue", this.headers, {
        ...NOOP,
        ...(this.headers.authorization ? {} : { tenant_id: ACME }),
      });
      await response.body?.cancel();
      this.answers.push(response.status);
      await pause(20);
    }
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#done;
  }
}

/** The functions boot anew with the keys now in force, as new isolates do. */
async function reboot(
  { stack }: Stage,
  name: "worker" | "enqueue",
  extra: Record<string, string> = {},
): Promise<void> {
  const env = await platformVariables(stack.url, stack.keys, stack.dbUrl);
  await stack.restartFunction(name, { env: { ...env, ...extra } });
}

async function startsRun(stage: Stage, headers: Record<string, string>): Promise<number> {
  const url = `${stage.stack.url}/functions/v1/worker`;
  const response = await fetch(url, { method: "POST", headers });
  await response.body?.cancel();
  return response.status;
}

/** Nothing was lost, doubled or tried twice, and no run had to be given up. */
async function assertUndisturbed(stage: Stage, caller: Caller): Promise<void> {
  await caller.stop();
  assert.deepEqual(caller.answers.filter((status) => status !== 202), []);
  await eventually("the end of every job", async () => {
    const [row] = await stage.sql`
      select count(*)::int as left from public.jobforge_jobs where status <> 'succeeded'`;
    return row!.left === 0 || undefined;
  });
  const [row] = await stage.sql`
    select count(*)::int as jobs, max(attempts)::int as attempts,
      (select count(*)::int from jobforge.runs where state in ('lost', 'undelivered')) as lost
    from public.jobforge_jobs`;
  assert.deepEqual({ ...row }, { jobs: caller.answers.length, attempts: 1, lost: 0 });
}

Deno.test("a secret key is rotated while jobs come in and run", () =>
  onStage(async (stage) => {
    const { keys } = stage.stack;
    const old = keys.secretKey;
    const { secretKey: next } = generateKeys();
    const caller = new Caller(stage, { apikey: old });
    await pause(300);

    keys.namedSecretKeys = { next };
    await reboot(stage, "worker", { JOBFORGE_SECRET_KEY_NAME: "next" });
    assert.deepEqual(await Promise.all([old, next].map((apikey) => startsRun(stage, { apikey }))), [
      ...[202, 202],
    ]);
    caller.headers = { apikey: next };
    await pause(300);

    keys.secretKey = next;
    keys.namedSecretKeys = {};
    await pause(300);
    const refused = await stage.call("enqueue", { apikey: old }, { ...NOOP, tenant_id: ACME });
    assert.equal(refused.status, 401);
    await reboot(stage, "worker");
    assert.equal(await startsRun(stage, { apikey: old }), 401);
    assert.equal(await startsRun(stage, { apikey: next }), 202);
    await assertUndisturbed(stage, caller);
  }));

Deno.test("a project moves from legacy keys to new ones while jobs come in and run", () =>
  onStage(async (stage) => {
    const { keys } = stage.stack;
    const legacy = await legacyKey(keys, "service_role");
    const withoutNew = { SUPABASE_SECRET_KEYS: "", SUPABASE_PUBLISHABLE_KEYS: "" };
    await reboot(stage, "worker", withoutNew);
    await reboot(stage, "enqueue", withoutNew);
    const caller = new Caller(stage, { apikey: legacy });
    assert.equal(await startsRun(stage, { authorization: `Bearer ${legacy}` }), 202);
    await pause(300);

    const withoutLegacy = { SUPABASE_SERVICE_ROLE_KEY: "", SUPABASE_ANON_KEY: "" };
    await reboot(stage, "worker", withoutLegacy);
    caller.headers = { apikey: keys.secretKey };
    await pause(300);
    assert.equal(await startsRun(stage, { apikey: legacy }), 401);
    assert.equal(await startsRun(stage, { apikey: keys.secretKey }), 202);
    await assertUndisturbed(stage, caller);
  }));

Deno.test("JWT signing keys are rotated while users enqueue", () =>
  onStage(async (stage) => {
    const { keys, publishableKey: apikey, url } = stage.stack;
    const claims = userClaims(url, ACME);
    const user = (token: string) => ({ authorization: `Bearer ${token}`, apikey });
    const before = user(await signWith(keys.jwtSecret, claims));
    const caller = new Caller(stage, before);
    const made = await (await stage.call("enqueue", before, NOOP)).json();
    caller.answers.push(202);

    const standby = await makeSigningKey("standby");
    keys.signingKeys = [standby.publicKey];
    const after = user(await standby.sign(claims));
    await pause(200);
    caller.headers = after;
    await pause(200);

    keys.jwtSecret = generateKeys().jwtSecret;
    assert.equal((await stage.call("enqueue", before, NOOP)).status, 401);
    const shown = await stage.call(`enqueue/${made.job_id}?wait=20`, after);
    assert.equal((await shown.json()).job.status, "succeeded");
    await assertUndisturbed(stage, caller);
  }));
