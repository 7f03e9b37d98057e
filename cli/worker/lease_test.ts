import assert from "node:assert/strict";
import { eventually, onWorkerStage, until, WAYS } from "./fake_stage.ts";

for (const way of WAYS) {
  Deno.test(`over the ${way}, a handler may compute for longer than a lease`, () =>
    onWorkerStage(async (stage) => {
      await stage.sql`update jobforge.settings set lease_seconds = 6`;
      const worker = stage.start(way, "--port", "0");
      const port = await worker.port();
      const [id] = await stage.enqueue("test.spin", { ms: 10_000 });
      await until(stage, id!, "running");
      await eventually("the main thread to be silent for longer than the lease", async () => {
        await stage.sql`select jobforge_dispatch()`;
        assert.deepEqual((await stage.job(id!)).outcomes, [], "it keeps its lease");
        const answer = await fetch(`http://127.0.0.1:${port}/health`);
        const { status, busy_ms } = await answer.json();
        return status === "running" && busy_ms > 7_000;
      });
      await until(stage, id!, "succeeded");
      assert.deepEqual((await stage.job(id!)).outcomes, ["succeeded"]);
      const metrics = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
      assert.match(metrics, /^jobforge_worker_busy_seconds /m);
      worker.kill("SIGINT");
      assert.equal((await worker.ended).code, 0);
    }));
}
