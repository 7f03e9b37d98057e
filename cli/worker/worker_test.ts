import assert from "node:assert/strict";
import { eventually, onWorkerStage, until, WAYS } from "./fake_stage.ts";

for (const way of WAYS) {
  Deno.test(`over the ${way}, a worker runs its types and ends gracefully on SIGTERM`, () =>
    onWorkerStage(async (stage) => {
      const worker = stage.start(way, "--port", "0", "--grace", "1500", "--concurrency", "2");
      const [spun] = await stage.enqueue("test.spin", { ms: 50 });
      const [near] = await stage.enqueue("test.near", {});
      await until(stage, spun!, "succeeded");
      assert.deepEqual(await stage.job(near!), {
        ...{ status: "queued", attempts: 0, lease_expiries: 0, worker: null, outcomes: [] },
      });
      const [long] = await stage.enqueue("system.probe", { work_ms: 60_000, steps: 600 });
      const [short] = await stage.enqueue("system.probe", { work_ms: 900 });
      const [waits] = await stage.enqueue("system.probe", { work_ms: 10 });
      await until(stage, long!, "running");
      await until(stage, short!, "running");
      const port = await worker.port();
      const health = await fetch(`http://127.0.0.1:${port}/health`);
      assert.deepEqual([health.status, (await health.json()).status], [200, "running"]);
      worker.kill("SIGTERM");
      assert.equal((await worker.ended).code, 0);
      assert.equal((await stage.job(short!)).status, "succeeded", "it ended within the grace");
      const released = { status: "queued", attempts: 0, lease_expiries: 0, worker: null };
      assert.deepEqual(await stage.job(long!), { ...released, outcomes: [] });
      assert.deepEqual(await stage.job(waits!), { ...released, outcomes: [] }, "it never started");
      const runs = await stage
        .sql`select state, end_reason from jobforge.runs where kind = 'container'`;
      assert.deepEqual([...runs], [
        { state: "finished", end_reason: "shutdown" },
      ]);
    }));

  Deno.test(`over the ${way}, jobs of a worker that was killed run again, each once`, () =>
    onWorkerStage(async (stage) => {
      await stage.sql`update jobforge.settings set lease_seconds = 5`;
      const first = stage.start(way, "--concurrency", "5");
      const ids = await stage.enqueue("system.probe", { work_ms: 300 }, 40);
      await eventually("some to have ended", async () => {
        const [row] = await stage.sql`
          select count(*) filter (where status = 'succeeded')::int as ended,
            count(*) filter (where status = 'running')::int as running from jobforge_jobs`;
        return row!.ended > 0 && row!.running > 0;
      });
      first.kill("SIGKILL");
      await first.ended;
      const second = stage.start(way, "--concurrency", "20");
      await eventually("all to have succeeded", async () => {
        await stage.sql`select jobforge_dispatch()`;
        const [row] = await stage.sql`
          select count(*)::int as left from jobforge_jobs where status <> 'succeeded'`;
        return row!.left === 0;
      });
      second.kill("SIGTERM");
      assert.equal((await second.ended).code, 0);
      const [results] = await stage.sql`select count(*)::int as rows from jobforge_job_results`;
      assert.equal(results!.rows, ids.length);
      const [expired] = await stage.sql`
        select count(*)::int as jobs from jobforge_job_attempts where outcome = 'lease_expired'`;
      assert.ok(expired!.jobs > 0, "the killed worker held jobs");
    }));
}

Deno.test("several workers share the work, and max_runs bounds them", () =>
  onWorkerStage(async (stage) => {
    await stage.sql`update jobforge.settings set max_runs = 2`;
    const few = ["--concurrency", "5"];
    const workers = [stage.start("data api", ...few), stage.start("direct", ...few)];
    await eventually("two runs", async () => {
      const [row] = await stage.sql`
        select count(*)::int as live from jobforge.runs where state = 'live'`;
      return row!.live === 2;
    });
    const third = stage.start("direct", ...few);
    await eventually(
      "the third to be refused",
      () =>
        third.lines().some(({ event, code }) =>
          event === "run_not_started" && code === "runs_exhausted"
        ),
    );
    await stage.enqueue("system.probe", { work_ms: 1_500 }, 20);
    await eventually("all to have succeeded", async () => {
      const [row] = await stage.sql`
        select count(*)::int as left from jobforge_jobs where status <> 'succeeded'`;
      return row!.left === 0;
    });
    const shares = await stage.sql`
      select settled::int from jobforge.runs where state = 'live' order by id`;
    assert.equal(shares.length, 2);
    assert.ok(shares.every(({ settled }) => settled > 0), JSON.stringify(shares));
    workers[0]!.kill("SIGTERM");
    await workers[0]!.ended;
    await eventually("the third to take its place", async () => {
      const [row] = await stage.sql`
        select count(*)::int as live from jobforge.runs where state = 'live' and id > (
          select max(id) from jobforge.runs where state = 'finished')`;
      return row!.live > 0;
    });
  }));

Deno.test("a worker whose run was given up starts another", () =>
  onWorkerStage(async (stage) => {
    const worker = stage.start("data api", "--port", "0");
    const [first] = await stage.enqueue("test.spin", { ms: 1 });
    await until(stage, first!, "succeeded");
    await stage.sql`
      update jobforge.runs set lease_expires_at = now() - interval '1 second' where state = 'live'`;
    await stage.sql`select jobforge_dispatch()`;
    const [second] = await stage.enqueue("test.spin", { ms: 1 });
    await until(stage, second!, "succeeded");
    const runs = await stage.sql`
      select state from jobforge.runs where kind = 'container' order by id`;
    assert.deepEqual(runs.map(({ state }) => state), ["lost", "live"]);
    worker.kill("SIGTERM");
    assert.equal((await worker.ended).code, 0);
  }));
