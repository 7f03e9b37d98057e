import assert from "node:assert/strict";
import { CONFIG, inProject } from "./fake_project.ts";

const FRESH = { "supabase/config.toml": CONFIG };

Deno.test("add job adds a declaration and a handler, and keeps the rest", () =>
  inProject(FRESH, async (project) => {
    await project.cli("init", "--yes");
    const before = await project.read("supabase/jobs/definitions.ts");
    assert.equal((await project.cli("add", "job", "invoice.send-mail")).code, 0);
    const definitions = await project.read("supabase/jobs/definitions.ts");
    assert.match(
      definitions,
      /export const invoiceSendMail = defineJob\(\{\n {2}type: "invoice\.send-mail",/,
    );
    assert.match(definitions, /^export const definitions = \[helloSay, invoiceSendMail\];$/m);
    assert.ok(definitions.startsWith(before.slice(0, before.indexOf("export const definitions"))));
    assert.equal((await project.cli("add", "job", "delete")).code, 0);
    assert.match(await project.read("supabase/jobs/definitions.ts"), /const deleteJob = /);
    const handlers = await project.read("supabase/jobs/handlers.ts");
    assert.match(
      handlers,
      /^import \{ helloSay, invoiceSendMail, deleteJob \} from "\.\/definitions\.ts";$/m,
    );
    assert.match(
      handlers,
      /^export const handlers = \[handleHelloSay, handleInvoiceSendMail, handleDelete\];$/m,
    );
  }));

Deno.test("a job joins a list with comments", () =>
  inProject(FRESH, async (project) => {
    await project.cli("init", "--yes");
    for (const file of ["definitions", "handlers"]) {
      const path = `supabase/jobs/${file}.ts`;
      const text = await project.read(path);
      await project.write(path, text.replace(/(= \[)(\w+)\];/, "$1\n  $2, // the first\n];"));
    }
    assert.equal((await project.cli("add", "job", "invoice.send")).code, 0);
    const list =
      /^export const definitions = \[\n {2}invoiceSend,\n {2}helloSay, \/\/ the first\n\];$/m;
    assert.match(await project.read("supabase/jobs/definitions.ts"), list);
  }));

Deno.test("a type that is there, or no type name, is refused, and nothing is written", () =>
  inProject(FRESH, async (project) => {
    await project.cli("init", "--yes");
    const before = await project.tree();
    for (const [type, code] of [["hello.say", 1], ["hello-say", 1], ["1.bad", 2], ["a b", 2]]) {
      const ran = await project.cli("add", "job", String(type));
      assert.deepEqual([ran.code, ran.err === ""], [code, false], String(type));
    }
    assert.equal((await project.cli("add", "queue", "a.b")).code, 2);
    assert.deepEqual(await project.tree(), before);
  }));

Deno.test("without the job files or without their lists, the error names what is missing", () =>
  inProject(FRESH, async (project) => {
    const missing = await project.cli("add", "job", "a.b");
    assert.deepEqual(
      [missing.code, /run npx jobforge init /.test(missing.err)],
      [1, true],
      missing.err,
    );
    await project.cli("init", "--yes");
    await project.write("supabase/jobs/handlers.ts", "export const handlers = makeHandlers();\n");
    const listless = await project.cli("add", "job", "a.b");
    assert.match(listless.err, /handlers\.ts must have: export const handlers = /);
    assert.doesNotMatch(await project.read("supabase/jobs/definitions.ts"), /a\.b/);
  }));
