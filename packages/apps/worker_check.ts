import assert from "node:assert/strict";
import { join } from "node:path";
import { inProject } from "../../cli/install/fake_project.ts";
import { eventually, onWorkerStage, until, WAYS } from "../../cli/worker/fake_stage.ts";
import { npmInstall, packInto, run } from "./install.ts";

const TENANT = "11111111-1111-4111-8111-111111111111";

// A worker and its handlers are two bundles, as with the runtime that init writes.
const HANDLERS = `
import { promisify } from "node:util";
import { defineJob, handle, PermanentError, RetryError } from "./node_modules/jobforge/dist/index.js";

const type = (name, options = {}) => defineJob({ type: name, runsOn: "container", ...options });
const uncaught = [
  () => Promise.reject(new Error("floating")),
  () => setTimeout(() => { throw new Error("from a timer"); }),
  () => setImmediate(() => { throw new Error("from an immediate"); }),
];
export const handlers = [
  handle(type("node.version"), () => process.versions.node),
  handle(type("node.permanent"), () => { throw new PermanentError("gone", { code: "gone" }); }),
  handle(type("node.retry"), ({}, { attempt }) => {
    if (attempt < 2) throw new RetryError("busy", { afterMs: 0, code: "busy" });
    return attempt;
  }),
  handle(type("node.uncaught"), async () => {
    for (const throwing of uncaught) throwing();
    await promisify(setTimeout)(50);
    return "alive";
  }),
  handle(type("node.spin", { timeoutMs: 60_000 }), ({ ms }) => {
    for (const end = Date.now() + ms; Date.now() < end;);
  }),
];
// What an application leaves open does not keep a stopped worker alive.
setInterval(() => {}, 60_000);
`;

Deno.test("the packed command line is a container worker on Node", async (t) => {
  await inProject({
    "package.json": '{"private": true, "type": "module"}',
    "handlers.js": HANDLERS,
    "handlers.ts": "export const handlers: unknown[] = [];",
  }, async ({ root }) => {
    await npmInstall(root, [await packInto(root)]);
    const bin = join(root, "node_modules/jobforge/bin/jobforge.js");
    const command = { program: "node", folder: root, args: [bin, "worker"] };
    await onWorkerStage(async (stage) => {
      for (const way of WAYS) {
        await t.step(`over the ${way} it runs jobs, and stops on SIGTERM`, async () => {
          const options = ["--handlers", "handlers.js", "--port", "0", "--grace", "1000"];
          const worker = stage.start(way, ...options, "--concurrency", "4");
          const [gone] = await stage.enqueue("node.permanent", {});
          const [retried] = await stage.enqueue("node.retry", {});
          const [uncaught] = await stage.enqueue("node.uncaught", {});
          const [noop] = await stage.enqueue("system.probe", { work_ms: 1 });
          await until(stage, gone!, "failed");
          for (const id of [retried, uncaught, noop]) await until(stage, id!, "succeeded");
          assert.deepEqual((await stage.job(retried!)).outcomes, ["errored", "succeeded"]);
          const blamed = worker.lines().filter(({ event }) => event === "uncaught_error");
          assert.deepEqual(blamed.map(({ type }) => type), Array(3).fill("node.uncaught"));
          const [version] = await stage.enqueue("node.version", {});
          await until(stage, version!, "succeeded");
          const [row] = await stage.sql`
            select result from jobforge_job_results where job_id = ${version!}`;
          assert.match(row!.result, /^2\d\.\d+\.\d+$/);
          const health = await fetch(`http://127.0.0.1:${await worker.port()}/health`);
          assert.deepEqual([health.status, (await health.json()).status], [200, "running"]);
          const [long] = await stage.enqueue("system.probe", { work_ms: 60_000 });
          await until(stage, long!, "running");
          worker.kill("SIGTERM");
          const { code, err } = await worker.ended;
          assert.equal(code, 0, err);
          const { status, attempts, worker: holder } = await stage.job(long!);
          assert.deepEqual([status, attempts, holder], ["queued", 0, null]);
          await stage.sql`select jobforge_cancel_job(${long!}, ${TENANT})`;
        });
      }
      await t.step("its second thread keeps the lease while a handler blocks it", async () => {
        await stage.sql`update jobforge.settings set lease_seconds = 5`;
        const worker = stage.start("data api", "--handlers", "handlers.js");
        const [id] = await stage.enqueue("node.spin", { ms: 7_000 });
        await until(stage, id!, "running");
        await eventually("the end of the computing", async () => {
          await stage.sql`select jobforge_dispatch()`;
          return (await stage.job(id!)).status !== "running";
        });
        assert.deepEqual((await stage.job(id!)).outcomes, ["succeeded"]);
        worker.kill("SIGTERM");
        assert.equal((await worker.ended).code, 0);
      });
      await t.step("it names what to do where this Node runs no TypeScript", async () => {
        const { code, text } = await run(
          root,
          ["node", bin, "worker", "--handlers", "handlers.ts"],
          stage.environment("data api"),
        );
        const version = (await run(root, ["node", "--version"])).text;
        if (!/^v(20|22\.([0-9]|1[0-7]))\./.test(version)) return;
        assert.deepEqual([code, /build handlers\.ts first, with npx esbuild/.test(text)], [
          2,
          true,
        ]);
      });
    }, command);
  });
});
