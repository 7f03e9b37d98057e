import assert from "node:assert/strict";
import { connect, type Sql } from "../../../local/postgres/database.ts";
import { type Stack, startStack } from "../../../local/stack/stack.ts";
import { databaseUrlOf } from "../../../local/stack/stack_database.ts";
import { type Columns, rowsOf } from "../../../shared/core/encoding/columns.ts";
import { type ClaimedJob, enqueue, startRun } from "./actors.ts";
import { calls, clearStages, functionOf, setStage } from "./stage.ts";
import { sqlOf, type Stage, withoutCall } from "./stage.ts";

/** An expression that Postgres evaluates for longer than any timeout, for a text of five or more. */
const SLOW = `^(.+)${"(.*)".repeat(80)}\\1$`;
const NEIGHBORS = 4;
/** Calls of a run lock its row. Only workers make them. */
const OF_THE_RUN =
  /^(claim_jobs|complete_jobs|finish_run|heartbeat|release_jobs|settle_and_claim)$/;
const OIDS = { text: 25, json: [114, 3802] };

/** How a caller filters what a function returns. */
interface Filter {
  /** In the address of a request. */
  query: string;
  /** A key of the value that is returned. Only PostgREST evaluates `match` on one. */
  key?: string | undefined;
  isSlow: boolean;
}

Deno.test("no slow filter of a tenant holds up the jobs of others", async (t) => {
  const stack = await startStack({ functions: [] });
  const sql = connect(stack.adminDbUrl);
  const world = new World(stack, sql);
  try {
    for (const role of ["authenticator", "authenticated", "anon"]) {
      await sql.unsafe(`alter role ${role} set statement_timeout = '10min'`);
    }
    await sql`select from jobforge_setup('http://127.0.0.1:9', 100)`;
    assert.deepEqual(await withoutCall(sql), [], "every public function has its call");
    await world.open();
    for (const name of Object.keys(calls(await setStage(sql)))) {
      await t.step(name, () => eachFilter(world, name));
    }
  } finally {
    await world.close();
    await sql.end();
    await stack.stop();
  }
});

async function eachFilter(world: World, name: string): Promise<void> {
  const { sql } = world;
  for (const filter of await filtersOf(sql, name)) {
    const run = await startRun(sql);
    const stage = await setBusyStage(sql, run);
    const slow = world.slowCall(name, stage, filter);
    if (!filter.isSlow) {
      assert.match(await slow.answer, /^4/, `${filter.query} is refused`);
      continue;
    }
    await world.untilBusy();
    const beside = OF_THE_RUN.test(name) ? [] : [stage, await setStage(sql, run)];
    try {
      assert.equal(await world.goOn(beside), NEIGHBORS, "the jobs of others end");
      assert.ok(slow.isRunning(), "before the filter does");
    } finally {
      await world.cancelSlow();
    }
    assert.match(await slow.answer, /canceling statement/);
    await clearStages(sql, stage, ...beside);
  }
}

async function setBusyStage(sql: Sql, run?: string): Promise<Stage> {
  const stage = await setStage(sql, run);
  await enqueue(sql, stage.tenant, 1);
  return stage;
}

/** The filters of a function: of a column, of its value, and of a key of its value. */
async function filtersOf(sql: Sql, name: string): Promise<Filter[]> {
  const { columns, row } = await resultOf(sql, name, await setBusyStage(sql));
  const match = `match.${encodeURIComponent(SLOW)}`;
  const ofScalar = { query: `pgrst_scalar=${match}`, isSlow: false };
  if (columns.length !== 1 || columns[0]!.name !== functionOf(name)) {
    const text = columns.find(({ name, type }) => type === OIDS.text && row?.[name]);
    return [...text ? [{ query: `${text.name}=${match}`, isSlow: true }] : [], ofScalar];
  }
  const { type } = columns[0]!;
  // A text that ends as it begins matches at once.
  if (/^(.+).*\1$/.test(String(row?.[functionOf(name)]))) return [];
  if (!OIDS.json.includes(type)) return [{ ...ofScalar, isSlow: type === OIDS.text }];
  const key = slowMember(row?.[functionOf(name)] as Record<string, unknown>);
  const ofKey = { query: `pgrst_scalar->>${key}=${match}`, key, isSlow: true };
  return [ofScalar, ...key === undefined ? [] : [ofKey]];
}

/** A member whose text is slow: of five characters or more, and not too long to begin with. */
function slowMember(value: Record<string, unknown>): string | undefined {
  return Object.keys(value).find((key) => {
    const { length } = typeof value[key] === "string" ? value[key] : JSON.stringify(value[key]);
    return value[key] !== null && length > 4 && length < 100;
  });
}

/** What a call returns: its columns with their types, and a row. Nothing stays, as in a refusal. */
async function resultOf(sql: Sql, name: string, stage: Stage) {
  const columns: { name: string; type: number }[] = [];
  let row: Record<string, unknown> | undefined;
  await sql.begin(async (tx) => {
    const rows = await tx.unsafe(`select * from ${sqlOf(name, calls(stage)[name]!)}`);
    columns.push(...rows.columns);
    row = rows[0];
    throw new Error("undone");
  }).catch(() => {});
  return { columns, row };
}

/** The callers of the Data API. */
class World {
  #service: Record<string, string>;
  #neighbors: { tenant: string; headers: Record<string, string> }[] = [];
  #ofMembers = new Set<string>();
  #authenticator: Sql;

  constructor(readonly stack: Stack, readonly sql: Sql) {
    this.#service = { apikey: stack.secretKey };
    const password = stack.keys.databasePassword;
    this.#authenticator = connect(databaseUrlOf(stack.adminDbUrl, "authenticator", password));
  }

  async close(): Promise<void> {
    await this.#authenticator.end();
  }

  async open(): Promise<void> {
    const rows = await this.sql<{ proname: string }[]>`
      select proname from pg_proc where pronamespace = 'public'::regnamespace
        and has_function_privilege('authenticated', oid, 'execute')`;
    this.#ofMembers = new Set(rows.map(({ proname }) => proname));
    for (let i = 0; i < NEIGHBORS; i++) {
      const tenant = crypto.randomUUID();
      this.#neighbors.push({ tenant, headers: await this.#member(tenant) });
    }
  }

  /** Calls as a member of the tenant, or as a service what members may not. */
  slowCall(name: string, stage: Stage, filter: Filter) {
    let isRunning = true;
    const answer = this.#slowAnswer(name, stage, filter).finally(() => isRunning = false);
    return { answer, isRunning: () => isRunning };
  }

  async #slowAnswer(name: string, stage: Stage, { query, key }: Filter): Promise<string> {
    const isOfMembers = this.#ofMembers.has(functionOf(name));
    const args = calls(stage)[name]!;
    if (key !== undefined) {
      const claims = isOfMembers
        ? { role: "authenticated", app_metadata: { tenant_id: stage.tenant } }
        : { role: "service_role" };
      return await this.#asPostgrest(claims, sqlOf(name, args), key).catch(String);
    }
    const headers = isOfMembers ? await this.#member(stage.tenant) : this.#service;
    const { status, text } = await this.#post(`${functionOf(name)}?${query}`, headers, args);
    return `${status} ${text}`;
  }

  /** What PostgREST does with a filter of a key, which the local Data API cannot evaluate. */
  async #asPostgrest(claims: { role: string }, call: string, key: string): Promise<string> {
    const rows = await this.#authenticator.begin(async (tx) => {
      await tx`select set_config('role', ${claims.role}, true),
        set_config('request.jwt.claims', ${JSON.stringify(claims)}, true)`;
      const place = /^\d+$/.test(key) ? key : `'${key}'`;
      return await tx.unsafe(
        `
        with pgrst_source as (select ${call} as pgrst_scalar)
        select pgrst_scalar from pgrst_source where (pgrst_scalar ->> ${place}) ~ $1`,
        [SLOW],
      );
    });
    return `${rows.length} rows`;
  }

  /** Resolves when the function of a slow call has had time to do its work. */
  async untilBusy(): Promise<void> {
    for (let look = 0; look < 100; look++) {
      const [busy] = await this.sql`
        select from pg_stat_activity where usename = 'authenticator' and state = 'active'
          and datname = current_database() and clock_timestamp() - query_start > '100ms'`;
      if (busy) return;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    throw new Error("no call took long");
  }

  async cancelSlow(): Promise<void> {
    await this.sql`
      select pg_cancel_backend(pid) from pg_stat_activity where usename = 'authenticator'
        and state = 'active' and datname = current_database()`;
  }

  /** A job of each neighbor from enqueue to end, and those that run already. Returns how many ended. */
  async goOn(stages: Stage[]): Promise<number> {
    for (const { headers } of this.#neighbors) {
      await this.#ok("jobforge_enqueue_job", headers, { p_type: "test.neighbor" });
    }
    await this.#ok("jobforge_dispatch", this.#service, {});
    if (stages.length > 0) {
      const reply = await this.#settle(stages[0]!.run, stages.map(({ running }) => running), 0);
      assert.equal(reply.settled, stages.length, "the jobs that run beside end");
    }
    const [{ run_id }] = await this.#ok("jobforge_start_run", this.#service, {}) as [
      { run_id: string },
    ];
    let ended = 0;
    let held: ClaimedJob[] = [];
    for (let round = 0; round < 20 && ended < NEIGHBORS; round++) {
      const reply = await this.#settle(run_id, held, 50);
      assert.equal(reply.settled, held.length);
      ended += held.filter((job) => this.#isOfNeighbor(job)).length;
      held = reply.jobs;
    }
    await this.#ok("jobforge_finish_run", this.#service, { p_run_id: run_id, p_reason: "drained" });
    return ended;
  }

  #isOfNeighbor({ tenant_id }: ClaimedJob): boolean {
    return this.#neighbors.some(({ tenant }) => tenant === tenant_id);
  }

  async #settle(run: string, jobs: ClaimedJob[], p_limit: number) {
    const p_outcomes = jobs.map(({ id, lease_token }) => ({
      ...{ id, lease_token },
      outcome: "succeeded",
    }));
    const args = { p_run_id: run, p_outcomes, p_limit };
    const reply = await this.#ok("jobforge_settle_and_claim", this.#service, args) as {
      settled: number;
      jobs: Columns<ClaimedJob>;
    };
    return { ...reply, jobs: rowsOf(reply.jobs) };
  }

  async #member(tenantId: string): Promise<Record<string, string>> {
    const token = await this.stack.signUserToken({ tenantId });
    return { apikey: this.stack.publishableKey, authorization: `Bearer ${token}` };
  }

  async #ok(path: string, headers: Record<string, string>, body: object): Promise<unknown> {
    const { status, text } = await this.#post(path, headers, body);
    assert.ok(status < 300, `${path}: ${status} ${text}`);
    return JSON.parse(text);
  }

  async #post(path: string, headers: Record<string, string>, body: object) {
    const response = await fetch(`${this.stack.url}/rest/v1/rpc/${path}`, {
      method: "POST",
      headers: { ...headers, "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    return { status: response.status, text: await response.text() };
  }
}
