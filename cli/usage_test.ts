import assert from "node:assert/strict";
import { ACME, runLine } from "./fake_terminal.ts";

Deno.test("help needs no project, usage errors exit with 2, keys are not mixed", async (t) => {
  await t.step("every command has help", async () => {
    const { out } = await runLine(["--help"], {});
    const names = [...out.matchAll(/^ {2}([a-z]+) /gm)].map((match) => match[1]!);
    assert.ok(names.length >= 17, String(names));
    for (const name of names.filter((each) => each !== "help")) {
      const help = await runLine([name, "--help"], {});
      assert.deepEqual([help.code, /Usage: jobforge/.test(help.out)], [0, true], name);
    }
  });
  await t.step("a usage error names itself and exits with 2", async () => {
    const lines = [
      ...[["nonsense"], ["list", "--status", "done"], ["list", "-t", "acme"], ["top", "-i", "0"]],
      ...[["retry", "-t", ACME], ["erase", "acme"], ["schedules", "run", "no-uuid"]],
      ...["show", "explain", "retry", "cancel"].map((verb) => [verb, "no-uuid", "-t", ACME]),
    ];
    const environment = { SUPABASE_URL: "http://127.0.0.1:1", SUPABASE_SECRET_KEY: "sb_secret_x" };
    for (const line of lines) {
      const { code, err } = await runLine(line, environment);
      assert.deepEqual([code, err === ""], [2, false], String(line));
    }
  });
  await t.step("without a project the error names the variables to set", async () => {
    const { code, err } = await runLine(["stats"], {});
    assert.deepEqual([code, /SUPABASE_URL/.test(err)], [2, true]);
  });
  await t.step("a project that does not answer exits with 3", async () => {
    const dev = { SUPABASE_URL: "http://127.0.0.1:1", SUPABASE_SECRET_KEY: "sb_secret_x" };
    const { code, err } = await runLine(["stats"], {}, {}, dev);
    assert.deepEqual([code, /SUPABASE_URL is http:\/\/127\.0\.0\.1:1$/.test(err)], [3, true], err);
  });
  await t.step("an address without https:// is named", async () => {
    for (const url of ["ref.supabase.co", "localhost:54321", "https://", "http:// "]) {
      const environment = { SUPABASE_URL: url, SUPABASE_SECRET_KEY: "sb_secret_x" };
      const { code, err } = await runLine(["stats"], environment);
      assert.deepEqual([code, /must begin with https/.test(err)], [2, true], err);
    }
  });
  await t.step("the local stack's key never goes to the address of the environment", async () => {
    const dev = { SUPABASE_URL: "http://127.0.0.1:1", SUPABASE_SECRET_KEY: "sb_secret_x" };
    const hosted = { SUPABASE_URL: "http://127.0.0.1:2" };
    assert.equal((await runLine(["stats"], hosted, {}, dev)).code, 2);
  });
});
