import assert from "node:assert/strict";
import { JobForgeError } from "../core/errors.ts";
import { JsonText } from "../core/encoding/json.ts";
import { handle } from "../core/job/handler.ts";
import { defineJob } from "../core/job/job_type.ts";
import { errored } from "../core/job/outcome.ts";
import { FakeWorld, jobs } from "./fake_world.ts";
import { Leases } from "./leases.ts";
import type { ClaimedJob, ReportedOutcome, SettleReply } from "./ports.ts";

const EMPTY = { progress: [], limit: 0, maxBytes: 0 };

function reply(changes: Partial<SettleReply>): SettleReply {
  return { settled: 0, stale: [], jobs: [], abort: [], next_at: null, ...changes };
}

function succeeded({ tenant_id, id, lease_token }: ClaimedJob): ReportedOutcome {
  return { tenant_id, id, lease_token, outcome: "succeeded" };
}

/** Three jobs of one lease and one of another. */
function claimed(): { leases: Leases; own: ReportedOutcome[]; other: ReportedOutcome } {
  const leases = new Leases();
  const own = jobs(3, "noop", { lease_token: 7 });
  const [other] = jobs(1, "noop", { lease_token: 8 });
  leases.confirm([], reply({ jobs: [...own, other!] }));
  return { leases, own: own.map(succeeded), other: succeeded(other!) };
}

Deno.test("a lease of which all jobs succeeded without a result is one entry", () => {
  const { leases, own, other } = claimed();
  const report = leases.group({ ...EMPTY, outcomes: [...own, { ...other, ...errored("x", "y") }] });
  assert.deepEqual(report.leases, [7]);
  assert.deepEqual(report.outcomes.map(({ id }) => id), [other.id]);
});

const PARTIAL: [string, (own: ReportedOutcome[]) => ReportedOutcome[]][] = [
  ["a job missing", (own) => own.slice(1)],
  ["a job twice and one missing", ([one, two]) => [one!, two!, two!]],
  ["a result", ([one, ...more]) => [{ ...one!, result: new JsonText("1") }, ...more]],
  ["an error", ([one, ...more]) => [{ ...one!, ...errored("x", "y") }, ...more]],
  ["a released job", ([one, ...more]) => [{ ...one!, outcome: "released" }, ...more]],
  ["a job of another claim", ([one, ...more]) => [{ ...one!, id: "unknown" }, ...more]],
];

for (const [what, change] of PARTIAL) {
  Deno.test(`a lease with ${what} is reported job by job`, () => {
    const { leases, own } = claimed();
    const outcomes = change(own);
    const report = leases.group({ ...EMPTY, outcomes });
    assert.deepEqual([report.leases, report.outcomes], [undefined, outcomes]);
  });
}

Deno.test("what is left of a lease is an entry once the rest is confirmed", () => {
  const { leases, own: [one, ...more] } = claimed();
  assert.deepEqual(leases.group({ ...EMPTY, outcomes: more }).leases, undefined);
  leases.confirm([one!], reply({ settled: 1 }));
  assert.deepEqual(leases.group({ ...EMPTY, outcomes: more }).leases, [7]);
});

for (const kind of ["stale", "later"] as const) {
  Deno.test(`a ${kind} outcome keeps its lease open`, () => {
    const { leases, own: [one, ...more] } = claimed();
    assert.equal(leases.confirm([one!], reply({ [kind]: [one!.id] })), 0);
    assert.deepEqual(leases.group({ ...EMPTY, outcomes: more }).leases, undefined);
  });
}

Deno.test("outcomes of a whole lease that came too late are counted", () => {
  const { leases, own } = claimed();
  assert.equal(leases.confirm(own, reply({ settled: 1 })), 2);
});

Deno.test("a run reports whole leases, and what is left of others", async () => {
  const noop = handle(defineJob({ type: "noop" }), () => undefined);
  const failing = handle(defineJob({ type: "failing" }), () => {
    throw new Error("no");
  });
  const world = new FakeWorld([noop, failing]);
  const whole = jobs(8, "noop", { lease_token: 1 });
  const partial = jobs(5, "noop", { lease_token: 2 });
  const [bad] = jobs(1, "failing", { lease_token: 2 });
  world.queue.ready = [...whole, ...partial, bad!];
  world.start();
  await world.clock.advance(3_000);
  assert.deepEqual(world.queue.wholeLeases, [1]);
  assert.equal(world.queue.outcomes.get(bad!.id)?.outcome, "errored");
  const ends = [...whole, ...partial].map(({ id }) => world.queue.outcomes.get(id)?.outcome);
  assert.deepEqual(ends, Array(13).fill("succeeded"));
  assert.deepEqual([world.report?.reason, world.report?.stale], ["drained", 0]);
});

Deno.test("a rejected report is halved, and a lease that is cut goes job by job", async () => {
  const noop = handle(defineJob({ type: "noop" }), () => undefined);
  const world = new FakeWorld([noop]);
  const leased = jobs(10, "noop", { lease_token: 1 });
  const others = jobs(2, "noop", { lease_token: 2 });
  world.queue.ready = [...leased, ...others];
  const poison = leased[3]!.id;
  world.queue.refuses = ({ id, outcome }) => {
    if (id === poison && outcome === "succeeded") throw new JobForgeError("internal", "no");
    return false;
  };
  world.start();
  await world.clock.advance(6_000);
  const ends = [...leased, ...others].map(({ id }) => world.queue.outcomes.get(id)?.outcome);
  assert.deepEqual(ends, [...Array(3).fill("succeeded"), "errored", ...Array(8).fill("succeeded")]);
});

Deno.test("a job that the run gave up is not settled with the rest of its lease", async () => {
  const world: FakeWorld = new FakeWorld([
    handle(defineJob({ type: "noop" }), () => undefined),
    handle(
      defineJob({ type: "late" }),
      () => new Promise<void>((resolve) => world.clock.setTimer(resolve, 500)),
    ),
  ]);
  const [poison] = jobs(1, "noop", { lease_token: 1 });
  world.queue.ready = [poison!, ...jobs(3, "late", { lease_token: 1 })];
  const late = world.queue.ready.slice(1);
  world.queue.refuses = ({ id }) => id === poison!.id;
  world.start();
  await world.clock.advance(3_000);
  assert.equal(world.queue.outcomes.has(poison!.id), false);
  assert.ok(late.every(({ id }) => world.queue.outcomes.get(id)?.outcome === "succeeded"));
  assert.deepEqual(world.queue.wholeLeases, []);
});
