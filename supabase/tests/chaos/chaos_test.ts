import assert from "node:assert/strict";
import { MATRIX } from "./matrix.ts";
import { seedOf } from "../fixtures/random.ts";
import { play, type Scenario, ScenarioFailed, several, tenant, untilHeld } from "./scenario.ts";
import { startWorld } from "./world.ts";

/** The most telling of the matrix, as small as they go; `deno task chaos` plays all of it. */
const SHORT = ["C1", "C2", "C3", "C6", "C14"];

/** No call reaches a worker. */
const CANNOT_START: Scenario = {
  ...{ id: "C0", fault: "no worker is reached", load: 3, least: 3 },
  async run(world, jobs) {
    world.fleet.reachable = false;
    await world.enqueue(tenant(), several(jobs, () => ({})));
    await world.until("a refused call", async () => {
      await world.dispatch();
      const rows = await world.sql`select from net._http_response where status_code = 503`;
      return rows.length > 0;
    });
    await untilHeld(world, 1_500);
    return "it started";
  },
};

const LINES = ["jobs", "queues", "runs", "settings", "calls_answered", "last dispatch", "worker 3"];

Deno.test({
  name: "nothing is lost when processes, database and network break",
  // Connections of a database that crashed are not all ours to close.
  sanitizeOps: false,
  sanitizeResources: false,
  async fn(t) {
    const seed = seedOf();
    const world = await startWorld(seed);
    try {
      await t.step("a scenario that cannot start reports what it waited for, and why", async () => {
        const failure = await play(world, CANNOT_START, 0.005).catch((error: unknown) => error);
        assert.ok(failure instanceof ScenarioFailed, String(failure));
        const [reason, ...situation] = failure.message.split("\n");
        assert.match(reason!, /^C0 could not start: none of its 3 jobs ran, after \d+ s: /);
        assert.match(reason!, /: waited 2 s for jobs that run$/);
        for (const line of LINES) {
          assert.ok(situation.some((each) => each.startsWith(`${line}: `)), failure.message);
        }
        assert.match(failure.message, /^jobs: .*"status":"queued".*"jobs":3/m);
        assert.match(failure.message, /^calls_answered: .*"status_code":503/m);
      });
      for (const scenario of MATRIX.filter(({ id }) => SHORT.includes(id))) {
        await t.step(`${scenario.id}: ${scenario.fault}; seed ${seed}`, async () => {
          await play(world, scenario, 0.005);
        });
      }
    } finally {
      await world.stop();
    }
  },
});
