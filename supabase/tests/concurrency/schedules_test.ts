import assert from "node:assert/strict";
import type { Sql } from "../../../local/postgres/database.ts";
import { type TestDatabase, withDatabase } from "../../../local/test/test_database.ts";
import { type CalendarWindow, localTimes } from "../../../shared/core/calendar.ts";
import { enqueue, maintain, settleAndClaim, startRun } from "./actors.ts";

interface Low {
  id: string;
  version: number;
  resume: string;
  expression: string;
  windows: CalendarWindow[];
}

async function fill(sql: Sql, filled: unknown[] = []): Promise<Low[]> {
  const [row] = await sql`select jobforge_fill_calendar(${sql.json(filled as never)}) as low`;
  return row!.low;
}

function computed({ id, version, resume, expression, windows }: Low) {
  const times = windows.flatMap((window) => localTimes(expression, window));
  return { id, version, resume, times };
}

async function configure(sql: Sql, tenantId: string, name: string, settings = {}): Promise<string> {
  const given = { type: "test", expression: "3600 seconds", overlap: "allow", ...settings };
  const [row] = await sql`
    select id from jobforge_configure_schedule(${tenantId}, ${name}, ${sql.json(given)})`;
  return row!.id;
}

/** Schedules by name, with what they did so far. */
async function started(sql: Sql): Promise<Record<string, number>> {
  const rows = await sql`select name, started::int from jobforge_schedules order by name`;
  return Object.fromEntries(rows.map((row) => [row.name, row.started]));
}

Deno.test("of two runs that fill a calendar at once one fills it, and neither finds a problem", () =>
  withDatabase(async ({ sql, open }) => {
    const tenantId = crypto.randomUUID();
    const runs = await open(2);
    for (let round = 0; round < 10; round++) {
      await configure(sql, tenantId, `s${round}`, { expression: "0 3 * * *" });
      const [low] = await fill(sql);
      await Promise.all(runs.map((each) => fill(each, [computed(low!)])));
    }
    const [row] = await sql`
      select count(next_at)::int as filled, count(problem)::int as problems,
        (select count(*)::int from jobforge.occurrences) as occurrences
      from jobforge_schedules`;
    assert.deepEqual(row, { filled: 10, problems: 0, occurrences: 640 });
    assert.deepEqual(await fill(sql), []);
  }));

Deno.test("a run that fills a calendar waits for no other, and later fills what was held", () =>
  withDatabase(async ({ sql, open }) => {
    const tenantId = crypto.randomUUID();
    const held = await configure(sql, tenantId, "held", { expression: "0 3 * * *" });
    const free = await configure(sql, tenantId, "free", { expression: "0 3 * * *" });
    const low = await fill(sql);
    const [holder] = await open(1);
    await holder!`begin`;
    await holder!`select from jobforge_run_schedule(${held})`;
    await sql`set statement_timeout = '2s'`;
    const left = await fill(sql, low.map(computed));
    assert.deepEqual(left, [], "a held schedule is not listed");
    await holder!`commit`;
    const [again] = await fill(sql);
    assert.equal(again!.id, held);
    await fill(sql, [computed(again!)]);
    const rows = await sql`select id from jobforge_schedules where next_at is not null`;
    assert.deepEqual(rows.map(({ id }) => id).sort(), [held, free].sort());
  }));

/** Calls of a tenant that change its schedule "held". */
const CALLS: Record<string, (holder: Sql, tenantId: string, id: string) => Promise<unknown>> = {
  "configure_schedule with a new expression": (holder, tenantId) =>
    configure(holder, tenantId, "held", { expression: "0 3 * * *" }),
  "configure_schedule of a new schedule": (holder, tenantId) =>
    configure(holder, tenantId, "new", { expression: "0 3 * * *" }),
  "delete_schedule": (holder, _tenantId, id) => holder`select jobforge_delete_schedule(${id})`,
  "run_schedule": (holder, _tenantId, id) => holder`select jobforge_run_schedule(${id})`,
};

async function whileItIsHeld({ sql, open }: TestDatabase, call: keyof typeof CALLS) {
  const [tenantId, other] = [crypto.randomUUID(), crypto.randomUUID()];
  const [holder, worker] = await open(2);
  await sql`select from jobforge_setup('http://127.0.0.1:9')`;
  for (const each of [tenantId, other]) await enqueue(sql, each);
  const id = await configure(sql, tenantId, "held");
  await sql`select from jobforge_configure_queue(${tenantId}, 'mail')`;
  await configure(sql, tenantId, "own", { queue: "mail" });
  await configure(sql, other, "others");
  await sql`update jobforge_schedules set next_at = clock_timestamp()`;
  await sql`set statement_timeout = '3s'`;
  await worker!`set statement_timeout = '3s'`;
  await holder!`begin`;
  await CALLS[call]!(holder!, tenantId, id);

  await maintain(sql);
  const { held, ...rest } = await started(sql);
  assert.deepEqual(rest, { others: 1, own: 1 }, "the other schedules fire");
  await configure(sql, tenantId, "own", { priority: 1 });
  await configure(sql, tenantId, "later");
  await configure(sql, other, "calendar", { expression: "0 3 * * *" });
  const low = await fill(sql);
  assert.deepEqual(low.length, 1, "the other calendars are filled");
  await sql`delete from jobforge.runs`;
  await enqueue(sql, crypto.randomUUID());
  const [called] = await sql`select count(*)::int as calls from jobforge.runs`;
  assert.ok(called!.calls > 0, "the worker is called");
  const reply = await settleAndClaim(worker!, await startRun(worker!), [], 100);
  assert.ok(reply.jobs.some((job) => job.tenant_id === tenantId), "claims go on");
  assert.equal(reply.jobs.filter((job) => job.tenant_id === other).length, 2, "for all tenants");

  await holder!`rollback`;
  await maintain(sql);
  assert.equal((await started(sql)).held, 1, "what was held fires later, if it did not before");
  return held;
}

for (const call of Object.keys(CALLS)) {
  Deno.test(`${call}, not committed, stops no other schedule, tenant, claim or call`, () =>
    withDatabase(async (database) => {
      const held = await whileItIsHeld(database, call);
      assert.equal(held, call.includes("new schedule") ? 1 : 0);
    }));
}

Deno.test("a schedule that another transaction changes answers busy after a second", () =>
  withDatabase(async ({ sql, open }) => {
    const tenantId = crypto.randomUUID();
    const id = await configure(sql, tenantId, "held");
    const [holder] = await open(1);
    await holder!`begin`;
    await configure(holder!, tenantId, "held", { priority: 1 });
    await configure(holder!, tenantId, "new");
    const busy = { code: "PT409", detail: "busy" };
    await sql`set statement_timeout = '10s'`;
    await assert.rejects(configure(sql, tenantId, "held", { priority: 2 }), busy);
    await assert.rejects(configure(sql, tenantId, "new"), busy);
    await assert.rejects(async () => await sql`select jobforge_run_schedule(${id})`, busy);
    await assert.rejects(async () => await sql`select jobforge_delete_schedule(${id})`, busy);
    await holder!`rollback`;
    await configure(sql, tenantId, "held", { priority: 2 });
  }));

async function asMember(sql: Sql, tenantId: string): Promise<void> {
  const claims = { role: "authenticated", sub: "u", app_metadata: { tenant_id: tenantId } };
  await sql`select set_config('request.jwt.claims', ${JSON.stringify(claims)}, false)`;
  await sql`set role authenticated`;
}

Deno.test("members who create schedules side by side have exactly as many as they may", () =>
  withDatabase(async ({ sql, open }) => {
    await sql`update jobforge.settings set max_schedules = 7`;
    const members = await open(8);
    // Two members choose the same slot in few rounds only.
    for (let round = 0; round < 8; round++) {
      const tenantId = crypto.randomUUID();
      await Promise.all(members.map((each) => asMember(each, tenantId)));
      const refused: string[] = [];
      await Promise.all(members.map(async (each, n) => {
        for (let i = 0; i < 4; i++) {
          await configure(each, tenantId, `s${n}-${i}`).catch(({ detail }) => refused.push(detail));
        }
      }));
      const [row] = await sql`
        select count(*)::int as made from jobforge_schedules where tenant_id = ${tenantId}`;
      assert.equal(row!.made, 7);
      assert.deepEqual([...new Set(refused)], ["too_many_schedules"]);
    }
  }));

Deno.test("a member whose transaction is open stops no other schedule of its tenant", () =>
  withDatabase(async ({ open }) => {
    const tenantId = crypto.randomUUID();
    const [holder, member] = await open(2);
    for (const each of [holder!, member!]) await asMember(each, tenantId);
    await member!`set statement_timeout = '3s'`;
    await holder!`begin`;
    await configure(holder!, tenantId, "a");
    await configure(member!, tenantId, "b");
    await holder!`commit`;
    const rows = await member!`select name from jobforge_schedules order by slot`;
    assert.deepEqual(rows.map(({ name }) => name), ["a", "b"]);
  }));

Deno.test("schedules that are due at one moment all fire in eight turns, though each skips what it missed", () =>
  withDatabase(async ({ sql }) => {
    const tenantId = crypto.randomUUID();
    await configure(sql, tenantId, "s0", { expression: "86400 seconds", catch_up: "skip" });
    await sql`
      insert into jobforge_schedules
      select (jsonb_populate_record(s, jsonb_build_object(
        'id', gen_random_uuid(), 'name', 's' || n))).*
      from jobforge_schedules as s, generate_series(1, 799) as n`;
    const due = new Date();
    await sql`update jobforge_schedules set next_at = ${due}, created_at = ${due}`;
    // Each turn comes ten seconds after the one before, and starts an eighth.
    let left = 800;
    let turns = 0;
    for (let seconds = 5; left > 0 && seconds < 600; seconds += 10, turns++) {
      const at = new Date(due.getTime() + seconds * 1_000);
      await sql`select jobforge.fire_schedules(${at}, 100)`;
      const [row] = await sql`
        select count(*)::int as left from jobforge_schedules where next_at <= ${at}`;
      left = row!.left;
    }
    const [row] = await sql`
      select sum(started)::int as started, sum(missed)::int as missed from jobforge_schedules`;
    assert.deepEqual({ ...row, turns }, { started: 800, missed: 0, turns: 8 });
  }));

Deno.test("alerts do not wait for a transaction that deletes a schedule", () =>
  withDatabase(async ({ sql, open }) => {
    const id = await configure(sql, crypto.randomUUID(), "failing");
    await sql`update jobforge_schedules set failed = 1 where id = ${id}`;
    const [holder] = await open(1);
    await holder!`begin`;
    await holder!`select jobforge_delete_schedule(${id})`;
    await sql.begin(async (tx) => {
      await tx`set local statement_timeout = '1s'`;
      await tx`select jobforge.observe_schedules(now())`;
    });
    await holder!`rollback`;
  }));
