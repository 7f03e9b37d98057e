import assert from "node:assert/strict";
import { inProject } from "../../cli/install/fake_project.ts";
import { mustRun, npmInstall, packInto } from "./install.ts";

const SCRIPT = `
import { PGlite } from "@electric-sql/pglite";
import { installSchema, setTime } from "jobforge/testing/postgres";
import { FakeClock, runJobToEnd } from "jobforge/testing";
import { defineJob, handle, RetryError } from "jobforge";

const database = new PGlite();
const execute = (sql) => database.exec(sql);
await installSchema(execute);
await setTime(execute, "2026-03-01T08:00:00Z");
const tenant = "11111111-1111-4111-8111-111111111111";
await database.query("select jobforge_enqueue_job($1, 'mail.send', '{}')", [tenant]);
const { rows: [job] } = await database.query("select type, status, created_at from jobforge_jobs");
const handler = handle(defineJob({ type: "mail.send" }), (_, { attempt }) => {
  if (attempt === 1) throw new RetryError("busy", { afterMs: 60_000 });
});
const runs = await runJobToEnd(handler, {}, { clock: new FakeClock("2026-03-01T08:00:00Z") });
console.log(JSON.stringify([job, runs.map(({ outcome, startedAt }) => [outcome, startedAt])]));
await database.close();
// PGlite sets another exit code.
process.exit(0);
`;

Deno.test("on Node, tests have a database in their own process", () =>
  inProject(
    { "package.json": '{"private": true, "type": "module"}', "test.js": SCRIPT },
    async ({ root }) => {
      await npmInstall(root, [await packInto(root), "@electric-sql/pglite@0.4.5"]);
      const text = await mustRun(root, ["node", "test.js"]);
      assert.deepEqual(JSON.parse(text), [
        { type: "mail.send", status: "queued", created_at: "2026-03-01T08:00:00.000Z" },
        [["errored", "2026-03-01T08:00:00.000Z"], ["succeeded", "2026-03-01T08:01:00.000Z"]],
      ]);
    },
  ));
