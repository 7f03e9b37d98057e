import assert from "node:assert/strict";
import { ACME, enqueue, GLOBEX, onStack, runLine } from "./fake_terminal.ts";

const SECRET = "whsec_Y2FuYXJ5LXNlY3JldC1vZi1hY21lLWNhbmFyeQ==";

Deno.test("secrets and erasure from the command line", (t) =>
  onStack(async (cli, sql, stack) => {
    const environment = { SUPABASE_URL: stack.url, SUPABASE_SECRET_KEY: stack.secretKey };
    const typing = (input: string, ...args: string[]) => runLine(args, environment, { input });

    await t.step(
      "a value comes from standard input or a variable, and is never shown",
      async () => {
        const set = await typing(`${SECRET}\n`, "--json", "secrets", "set", "orders", "-t", ACME);
        assert.equal(set.json[0].version, 1, set.err);
        const variable = { ...environment, ORDERS: SECRET };
        const args = ["secrets", "rotate", "orders", "-t", ACME, "--value-env", "ORDERS"];
        const rotated = await runLine(args, variable);
        assert.equal(rotated.code, 0, rotated.err);
        for (const { out, err } of [set, rotated]) assert.doesNotMatch(out + err, /whsec_/);
        const [row] = await sql`
        select decrypted_secret from vault.decrypted_secrets order by created_at limit 1`;
        assert.equal(row!.decrypted_secret, SECRET, "without the line break");
        const revoked = await cli("secrets", "revoke", "orders", "-t", ACME, "--version", "1");
        assert.equal(revoked.code, 0, revoked.err);
      },
    );

    await t.step("a value in an argument or an empty one is rejected", async () => {
      const line = ["secrets", "set", "other", SECRET, "-t", ACME];
      const given = await typing("another value", ...line);
      assert.deepEqual([given.code, given.err.includes(SECRET)], [2, false]);
      const option = await cli("secrets", "set", "orders", `--value=${SECRET}`, "-t", ACME);
      assert.deepEqual([option.code, option.err.includes(SECRET)], [2, false]);
      assert.equal((await typing("\n", "secrets", "set", "orders", "-t", ACME)).code, 2);
    });

    await t.step("erase requires the typed tenant ID, or --yes", async () => {
      await enqueue(sql, 30);
      const left = async () => (await sql`select from jobforge_jobs`).length;
      assert.equal((await cli("erase", ACME)).code, 2, "without a terminal to confirm");
      const other = await runLine(["erase", ACME], environment, { answer: GLOBEX });
      assert.deepEqual([other.code, await left()], [2, 30]);
      const done = await cli("--json", "erase", ACME, "--yes", "--limit", "10");
      assert.equal(done.code, 0, done.err);
      assert.match(done.json.certificate_hash, /^[0-9a-f]{64}$/);
      assert.equal(await left(), 0);
      const again = await runLine(["erase", ACME], environment, { answer: ACME });
      assert.deepEqual([again.code, /certificate hash/.test(again.out)], [0, true]);
    });

    await t.step("erase stops waiting for running jobs and reports it", async () => {
      await sql`select jobforge_enqueue_job(${GLOBEX}, 'test.job')`;
      const [run] = await sql`select run_id from jobforge_start_run(p_capacity => 10)`;
      await sql`select jobforge_settle_and_claim(${run!.run_id}, '[]', 10)`;
      const waiting = await cli("erase", GLOBEX, "--yes", "--wait-seconds", "1");
      assert.deepEqual([waiting.code, /not finished/.test(waiting.out)], [1, true]);
    });
  }));
