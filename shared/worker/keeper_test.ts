import assert from "node:assert/strict";
import { JobForgeError } from "../core/errors.ts";
import { FakeClock } from "./fake_world.ts";
import { Keeper, type KeeperState } from "./keeper.ts";
import { newReport } from "./run_report.ts";

/** A keeper whose runs end when a test says so. */
function stage(starts: (Error | number)[]) {
  const clock = new FakeClock();
  const tries: number[] = [];
  const opened: { runId: number; end(): void; fail(thrown: Error): void }[] = [];
  const retired: number[] = [];
  const gaveUp: number[] = [];
  const lines: string[] = [];
  const states: KeeperState[] = [];
  const keeper = new Keeper({
    async startRun() {
      tries.push(clock.now());
      await Promise.resolve();
      const start = starts.shift() ?? 99;
      if (start instanceof Error) throw start;
      return start;
    },
    openRun(runId) {
      const report = { ...newReport(runId), succeeded: 1, calls: 2 };
      const at = clock.now();
      let end = () => {};
      let fail = (_thrown: Error) => {};
      const over = new Promise<typeof report>((resolve, reject) => {
        end = () => resolve({ ...report, durationMs: clock.now() - at });
        fail = reject;
      });
      opened.push({ runId, end, fail });
      return {
        run: () => over,
        retire: (graceMs) => (retired.push(graceMs), end()),
        progress: { ...report, held: 3 },
      };
    },
    giveUp: (runId) => Promise.resolve(void gaveUp.push(runId)),
    changed: (state) => void states.push(state),
    ...{ clock, random: () => 1 },
    log: { write: (_level, event, { code }) => void lines.push(`${event} ${code ?? ""}`.trim()) },
  });
  return { keeper, clock, tries, opened, retired, gaveUp, lines, states };
}

const unavailable = () => new JobForgeError("unavailable", "down");
const exhausted = () => new JobForgeError("runs_exhausted", "max_runs runs are live");

Deno.test("a worker without a run tries again, up to every five seconds, and logs each reason once", async () => {
  const { keeper, clock, tries, lines } = stage([
    ...Array.from({ length: 8 }, unavailable),
    ...Array.from({ length: 3 }, exhausted),
    7,
  ]);
  keeper.run();
  await clock.advance(60_000);
  assert.deepEqual(tries.slice(0, 5), [0, 200, 600, 1_400, 3_000]);
  assert.equal(tries.at(-1)! - tries.at(-2)!, 5_000);
  assert.deepEqual(lines, ["run_not_started unavailable", "run_not_started runs_exhausted"]);
  assert.deepEqual([keeper.state.state, keeper.state.runId], ["running", 7]);
});

Deno.test("a credential that is wrong from the start ends the worker, a later error does not", async () => {
  for (const code of ["unauthenticated", "forbidden", "invalid_argument"] as const) {
    const { keeper } = stage([new JobForgeError(code, "no")]);
    await assert.rejects(keeper.run(), { code });
  }
  const { keeper, clock, opened } = stage([1, new JobForgeError("unauthenticated", "rotated"), 2]);
  keeper.run().catch(() => {});
  await clock.advance(40_000);
  opened[0]!.end();
  await clock.advance(10_000);
  assert.equal(keeper.state.runId, 2);
});

Deno.test("a run that was given up after long is followed at once, one that failed early after a delay", async () => {
  const { keeper, clock, opened, tries } = stage([1, 2, 3]);
  keeper.run();
  await clock.advance(30_000);
  opened[0]!.end();
  await clock.advance(0);
  assert.deepEqual(tries, [0, 30_000]);
  opened[1]!.end();
  await clock.advance(100);
  assert.equal(tries.length, 2);
  await clock.advance(100);
  assert.deepEqual(tries, [0, 30_000, 30_200]);
});

Deno.test("a run that ends with a fault of the worker is given up, and another one starts", async () => {
  const { keeper, clock, opened, gaveUp, lines } = stage([1, 2]);
  keeper.run();
  await clock.advance(0);
  opened[0]!.fail(new TypeError("a bug"));
  await clock.advance(1_000);
  assert.deepEqual([gaveUp, lines, keeper.state.runId], [[1], ["run_failed"], 2]);
});

Deno.test("a worker that retires ends its run and starts no other", async () => {
  const { keeper, clock, retired, tries, states } = stage([1]);
  const ended = keeper.run();
  await clock.advance(1_000);
  keeper.retire(4_000);
  keeper.retire(1);
  await ended;
  assert.deepEqual([retired, tries], [[4_000], [0]]);
  assert.deepEqual(states.map(({ state, runId }) => [state, runId]), [
    ["running", 1],
    ["stopping", 1],
    ["stopping", null],
  ]);
  assert.deepEqual([keeper.state.totals.succeeded, keeper.state.totals.calls], [1, 2]);
});

Deno.test("a run that starts after the order to retire ends at once", async () => {
  const { keeper, clock, retired } = stage([1]);
  const ended = keeper.run();
  keeper.retire(50);
  await clock.advance(0);
  await ended;
  assert.deepEqual(retired, [50]);
});

Deno.test("a worker that waits for a run retires at once", async () => {
  const { keeper, clock } = stage(Array.from({ length: 9 }, exhausted));
  const ended = keeper.run();
  await clock.advance(2_000);
  keeper.retire(60_000);
  await ended;
});
