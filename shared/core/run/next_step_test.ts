import assert from "node:assert/strict";
import { flushCount, nextBatchSize } from "./batch_size.ts";
import { cpuBudgetOfRun, graceOf, hadFullTurn, longestAttemptMs, planRun } from "./budget.ts";
import { PLATFORM_WALL_CLOCK_MS, wallClockOfRun } from "./budget.ts";
import { pollDelayMs, POLLS_UNTIL_DRAINED, retryDelayMs } from "./retry_delay.ts";
import { nextStep, type RunView } from "./next_step.ts";

const budget = planRun(60_000);

function view(changes: Partial<RunView> = {}): RunView {
  return {
    now: 1_000,
    budget,
    cpuExhausted: false,
    batchSize: 20,
    held: 0,
    heldTooLongAt: Infinity,
    outcomes: 0,
    affordable: 1_000,
    outcomeBytes: 0,
    repeatAt: Infinity,
    firstOutcomeAt: 0,
    progressWaiting: false,
    lastCallAt: 900,
    nextPollAt: 0,
    idleClaims: 0,
    dueSoon: false,
    staysIdle: false,
    notBefore: 0,
    claimLost: false,
    ...changes,
  };
}

Deno.test("a run claims for 60 % of its wall clock and stops handlers before the end", () => {
  assert.deepEqual(budget, {
    ...{ claimUntilMs: 36_000, interruptMs: 55_000, reportMs: 57_500, endMs: 60_000 },
    longestAttemptMs: 55_000,
  });
  for (const wallClockMs of [2_000, 60_000, 360_000]) {
    const plan = planRun(wallClockMs);
    const { claimUntilMs, interruptMs, reportMs, endMs } = plan;
    assert.ok(claimUntilMs < interruptMs && interruptMs + graceOf(plan) < reportMs);
    assert.ok(reportMs < endMs && endMs === wallClockMs);
  }
});

Deno.test("only a job that had nearly the whole run counts as too long", () => {
  assert.equal(hadFullTurn(54_000, budget), true);
  assert.equal(hadFullTurn(30_000, budget), false);
});

Deno.test("a run ends before the platform announces the end of its isolate", () => {
  assert.equal(wallClockOfRun(150_000, 0), 135_000);
  assert.equal(wallClockOfRun(150_000, 75_000), 60_000);
  assert.equal(wallClockOfRun(150_000, 149_000), 2_000);
});

Deno.test("an attempt lasts 130 s on the free plan and 355 s on the paid one", () => {
  const { free, paid } = PLATFORM_WALL_CLOCK_MS;
  assert.deepEqual([longestAttemptMs(free), longestAttemptMs(paid)], [130_000, 355_000]);
});

Deno.test("a job stopped in an old isolate can still have its full turn in a new one", () => {
  const old = planRun(60_000, 130_000);
  assert.equal(hadFullTurn(55_000, old), false);
  assert.equal(hadFullTurn(117_000, old), true);
});

Deno.test("an old isolate leaves a run at least a quarter of its CPU", () => {
  assert.equal(cpuBudgetOfRun(1_000, 0), 1_000);
  assert.equal(cpuBudgetOfRun(1_000, 600), 400);
  assert.equal(cpuBudgetOfRun(1_000, 5_000), 250);
  assert.equal(cpuBudgetOfRun(Infinity, 5_000), Infinity);
});

Deno.test("fast full batches double up to the maximum", () => {
  let size = 20;
  for (let batch = 0; batch < 6; batch++) {
    size = nextBatchSize(size, { jobs: size, tookMs: 10 }, { min: 20, max: 200 });
  }
  assert.equal(size, 200);
});

Deno.test("a batch that was not filled does not grow", () => {
  assert.equal(nextBatchSize(40, { jobs: 5, tookMs: 10 }, { min: 20, max: 200 }), 40);
});

Deno.test("a slow batch falls back to the minimum, a medium one stays", () => {
  assert.equal(nextBatchSize(200, { jobs: 200, tookMs: 1_500 }, { min: 20, max: 200 }), 20);
  assert.equal(nextBatchSize(80, { jobs: 80, tookMs: 600 }, { min: 20, max: 200 }), 80);
});

Deno.test("calls that fail are spaced, doubling to 5 s, with a random half", () => {
  assert.equal(retryDelayMs(1, 0), 100);
  assert.equal(retryDelayMs(1, 1), 200);
  assert.equal(retryDelayMs(4, 1), 1_600);
  assert.equal(retryDelayMs(60, 1), 5_000);
});

Deno.test("idle polling lasts at least 1.5 s before a run is drained", () => {
  let waited = 0;
  for (let claims = 1; claims < POLLS_UNTIL_DRAINED; claims++) waited += pollDelayMs(claims);
  assert.ok(waited >= 1_500);
});

Deno.test("an empty run claims a batch", () => {
  assert.deepEqual(nextStep(view()), { kind: "call", limit: 20 });
});

Deno.test("a run claims only as many jobs as fit", () => {
  assert.deepEqual(nextStep(view({ held: 15 })), { kind: "call", limit: 5 });
  assert.equal(nextStep(view({ held: 20 })).kind, "wait");
});

Deno.test("outcomes wait 50 ms for others, then one call reports them and claims", () => {
  const waiting = view({ held: 19, outcomes: 1, firstOutcomeAt: 980 });
  assert.deepEqual(nextStep(waiting), { kind: "wait", until: 1_030 });
  assert.deepEqual(nextStep({ ...waiting, now: 1_030 }), { kind: "call", limit: 1 });
});

Deno.test("half a batch of outcomes, or the last of all, goes out at once", () => {
  const half = view({ held: 10, outcomes: flushCount(20), firstOutcomeAt: 1_000 });
  assert.deepEqual(nextStep(half), { kind: "call", limit: 10 });
  const last = view({ held: 0, outcomes: 1, firstOutcomeAt: 1_000 });
  assert.deepEqual(nextStep(last), { kind: "call", limit: 20 });
});

Deno.test("a run claims no more jobs than the bytes it holds allow", () => {
  assert.deepEqual(nextStep(view({ affordable: 3 })), { kind: "call", limit: 3 });
  assert.equal(nextStep(view({ affordable: 0, held: 1, lastCallAt: 900 })).kind, "wait");
});

Deno.test("an outcome to repeat goes with the next report, at its time at the latest", () => {
  const kept = view({ held: 20, repeatAt: 1_250 });
  assert.deepEqual(nextStep(kept), { kind: "wait", until: 1_250 });
  assert.deepEqual(nextStep({ ...kept, now: 1_250 }), { kind: "call", limit: 0 });
  const late = view({ now: 40_000, repeatAt: 41_000 });
  assert.equal(nextStep(late).kind, "wait", "the run does not end while one is left");
});

Deno.test("large results do not wait for others", () => {
  const large = view({ held: 19, outcomes: 1, firstOutcomeAt: 1_000, outcomeBytes: 2_000_000 });
  assert.deepEqual(nextStep(large), { kind: "call", limit: 1 });
});

Deno.test("no claims after 60 % of the wall clock: what is held is finished", () => {
  assert.equal(nextStep(view({ now: 36_000, held: 3, lastCallAt: 35_900 })).kind, "wait");
  const last = view({ now: 36_000, outcomes: 1 });
  assert.deepEqual(nextStep(last), { kind: "call", limit: 0 });
  assert.deepEqual(nextStep(view({ now: 36_000 })), { kind: "finish", reason: "wall_clock" });
});

Deno.test("no claims once the CPU is used up", () => {
  assert.deepEqual(nextStep(view({ cpuExhausted: true })), { kind: "finish", reason: "cpu" });
  assert.equal(nextStep(view({ cpuExhausted: true, held: 1 })).kind, "wait");
});

Deno.test("a heartbeat is due 5 s after the last call, 1 s if there is progress", () => {
  const busy = view({ held: 20, lastCallAt: 1_000 });
  assert.deepEqual(nextStep(busy), { kind: "wait", until: 6_000 });
  assert.deepEqual(nextStep({ ...busy, now: 6_000 }), { kind: "heartbeat" });
  assert.deepEqual(nextStep({ ...busy, progressWaiting: true }), { kind: "wait", until: 2_000 });
});

Deno.test("an idle run polls, then is drained; a job due soon keeps it", () => {
  const idle = view({ idleClaims: 2, nextPollAt: 1_200 });
  assert.deepEqual(nextStep(idle), { kind: "wait", until: 1_200 });
  const done = view({ idleClaims: POLLS_UNTIL_DRAINED, nextPollAt: 1_200 });
  assert.deepEqual(nextStep(done), { kind: "finish", reason: "drained" });
  assert.equal(nextStep({ ...done, dueSoon: true }).kind, "wait");
});

Deno.test("after a failed call nothing happens before its delay is over", () => {
  const failed = view({ outcomes: 5, notBefore: 1_500 });
  assert.deepEqual(nextStep(failed), { kind: "wait", until: 1_500 });
});

Deno.test("a run whose calls fail until the end ends with an error", () => {
  const failed = view({ now: 57_500, outcomes: 5, notBefore: 61_000 });
  assert.deepEqual(nextStep(failed), { kind: "finish", reason: "error" });
});

Deno.test("a lost claim is recovered before anything else", () => {
  assert.deepEqual(nextStep(view({ claimLost: true, outcomes: 5 })), { kind: "recover" });
});

Deno.test("no wait ends in the past: a waiting run cannot spin", () => {
  for (const held of [0, 1, 20]) {
    for (const outcomes of [0, 1]) {
      for (const nextPollAt of [0, 5_000]) {
        const step = nextStep(view({ held, outcomes, nextPollAt, firstOutcomeAt: 990 }));
        if (step.kind === "wait") assert.ok(step.until > 1_000, JSON.stringify(step));
      }
    }
  }
});
