import assert from "node:assert/strict";
import { eventually, onWorkerStage, until } from "./fake_stage.ts";

Deno.test("a second signal ends the process at once", () =>
  onWorkerStage(async (stage) => {
    const worker = stage.start("data api", "--grace", "600000");
    const [id] = await stage.enqueue("system.probe", { work_ms: 60_000 });
    await until(stage, id!, "running");
    worker.kill("SIGTERM");
    await eventually("the first signal to be noticed", () =>
      worker.lines().some(({ event }) => event === "worker_stopping"));
    assert.equal((await stage.job(id!)).status, "running");
    worker.kill("SIGTERM");
    assert.equal((await worker.ended).code, 1);
    assert.equal((await stage.job(id!)).status, "running", "until its lease expires");
  }));
