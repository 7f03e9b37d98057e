import assert from "node:assert/strict";
import type { Sql } from "../local/postgres/database.ts";
import { ACME, enqueue, GLOBEX, onStack, runLine } from "./fake_terminal.ts";

async function kill(sql: Sql, ids: string[], code: string): Promise<void> {
  const [run] = await sql`select run_id from jobforge_start_run(p_capacity => 1000)`;
  const [{ jobs } = { jobs: undefined }] = await sql`
    select jobforge_claim_jobs(${run!.run_id}, 1000) as jobs`;
  const outcomes = jobs.filter((job: { id: string }) => ids.includes(job.id))
    .map(({ id, lease_token }: { id: string; lease_token: number }) => ({
      ...{ id, lease_token, outcome: "failed", error: { code, message: "no" } },
    }));
  await sql`select jobforge_settle_and_claim(${run!.run_id}, ${sql.json(outcomes)}, 0)`;
  await sql`select jobforge_finish_run(${run!.run_id}, 'drained')`;
}

Deno.test("the command line on a local stack", (t) =>
  onStack(async (cli, sql, stack) => {
    const ids = await enqueue(sql, 12);
    await kill(sql, ids.slice(0, 6), "bad_input");

    await t.step("stats and top print the present numbers", async () => {
      const stats = await cli("--json", "stats");
      assert.equal(stats.code, 0, stats.err);
      assert.equal(stats.json.overview.ready, 6);
      assert.equal(stats.json.queues[0].tenant_id, ACME);
      const text = await cli("stats", "--tenant", ACME);
      assert.match(text.out, /6 ready, 0 scheduled, 0 running/);
      const others = await cli("--json", "stats", "--tenant", GLOBEX);
      assert.deepEqual(others.json.queues, []);
      const top = await cli("--json", "top", "--count", "2", "--interval", "1");
      assert.equal(top.out.split("\n").length, 2, "a line of JSON per update");
    });

    await t.step("list filters, and pages by the last id", async () => {
      const failed = await cli("--json", "list", "-t", ACME, "--status", "failed");
      assert.deepEqual(failed.json.map((job: { id: string }) => job.id), ids.slice(0, 6).reverse());
      const page = await cli("--json", "list", "-t", ACME, "-n", "2", "--before", ids[6]!);
      assert.deepEqual(page.json.map((job: { id: string }) => job.id), [ids[5], ids[4]]);
      assert.equal((await cli("list", "-t", GLOBEX)).out, "none");
      const all = await cli("list", "-n", "3");
      assert.match(all.out, /^tenant id +id +type/);
      assert.equal(all.out.split("\n").length, 4);
      const wrong = await cli("list", "--status", "done");
      assert.deepEqual([wrong.code, /choices are scheduled, queued/.test(wrong.err)], [2, true]);
    });

    await t.step("enqueue and reschedule", async () => {
      const job = ["enqueue", "test.job", "-t", GLOBEX, "--key", "7", "--priority", "-10"];
      const at = ["--at", new Date(Date.now() + 86_400_000).toISOString()];
      const made = await cli("--json", ...job, ...at, "-p", '{"big":12345678901234567890}');
      assert.equal(made.code, 0, made.err);
      assert.equal(made.json.status, "scheduled");
      const [row] = await sql`
        select priority, payload::text as payload from jobforge_jobs
        where id = ${made.json.job_id}`;
      assert.deepEqual(row, { priority: -10, payload: '{"big": 12345678901234567890}' });
      const moved = await cli("--json", "reschedule", made.json.job_id, "-t", GLOBEX);
      assert.equal(moved.json.status, "queued");
      const others = await cli("reschedule", made.json.job_id, "-t", ACME);
      assert.deepEqual([others.code, /not_found/.test(others.err)], [1, true]);
      for (const wrong of [["--at", "tomorrow"], ["--priority", "200"], ["-p", "[1]"]]) {
        assert.equal((await cli("enqueue", "test.job", "-t", GLOBEX, ...wrong)).code, 2);
      }
    });

    await t.step("show prints the tenant's data only with --payload", async () => {
      const shown = await cli("show", ids[0]!, "-t", ACME);
      assert.match(shown.out, /status +failed/);
      assert.match(shown.out, /1 +failed/);
      assert.doesNotMatch(shown.out, /of a tenant/);
      const all = await cli("--json", "show", ids[0]!, "-t", ACME, "--payload");
      assert.deepEqual(all.json.payload, { private: "of a tenant" });
      assert.equal(all.json.attempts_made[0].outcome, "failed");
    });

    await t.step("another tenant's job is not found", async () => {
      for (const verb of ["show", "explain", "retry", "cancel"]) {
        const refused = await cli(verb, ids[0]!, "-t", GLOBEX);
        assert.equal(refused.code, 1, verb);
        assert.match(refused.err, /not_found/, verb);
      }
    });

    await t.step("explain gives the reason", async () => {
      const why = await cli("--json", "explain", ids[7]!, "-t", ACME);
      assert.equal(typeof why.json.reason, "string");
    });

    await t.step("retry and cancel change one job", async () => {
      const retried = await cli("--json", "retry", ids[0]!, "-t", ACME);
      assert.equal(retried.json.status, "queued");
      const canceled = await cli("--json", "cancel", ids[0]!, "-t", ACME);
      assert.equal(canceled.json.status, "canceled");
      const twice = await cli("retry", ids[7]!, "-t", ACME);
      assert.deepEqual([twice.code, /wrong_state/.test(twice.err)], [1, true]);
    });

    await t.step("by filter they change nothing without --apply", async () => {
      const filter = ["-t", ACME, "--status", "failed", "--error-code", "bad_input"];
      const dry = await cli("--json", "retry", ...filter);
      assert.deepEqual([dry.json.dry_run, dry.json.count], [true, 5]);
      const [before] = await sql`
        select count(*)::int as jobs from jobforge_jobs where status = 'failed'`;
      assert.equal(before!.jobs, 5);
      const done = await cli("--json", "retry", ...filter, "--apply");
      assert.deepEqual([done.json.dry_run, done.json.count, done.json.more], [false, 5, false]);
      const some = await cli("--json", "cancel", "-t", ACME, "--type", "test.job", "-n", "3");
      assert.deepEqual([some.json.count, some.json.more], [3, true]);
      const all = await cli("--json", "cancel", "-t", ACME, "--type", "test.job", "--apply");
      assert.equal(all.json.count, 11);
    });

    await t.step("pause, resume and limits change a queue", async () => {
      assert.equal((await cli("--json", "pause", "-t", ACME)).json.paused, true);
      assert.equal((await cli("--json", "resume", "-t", ACME)).json.paused, false);
      const none = await cli("pause", "-t", ACME, "-q", "nosuch");
      assert.deepEqual([none.code, /has no queue nosuch: there are /.test(none.err)], [1, true]);
      assert.match((await cli("queues")).out, /^tenant id +queue +queued/);
      const set = await cli("--json", "limits", "-t", ACME, "--max-running", "5", "--weight", "2");
      assert.deepEqual([set.json.max_running, set.json.weight], [5, 2]);
      const open = await cli("--json", "limits", "-t", ACME, "--max-running", "none");
      assert.equal(open.json.max_running, null);
      assert.match((await cli("limits", "-t", ACME)).out, /^queue +queued/);
      const invalid = await cli("limits", "-t", ACME, "--weight", "0");
      assert.deepEqual([invalid.code, /invalid_argument/.test(invalid.err)], [1, true]);
    });

    await t.step("schedules are made, paused, run and deleted", async () => {
      const args = ["--expression", "0 3 * * *", "--type", "test.job", "--payload", '{"a":1}'];
      const made = await cli("--json", "schedules", "set", "nightly", "-t", ACME, ...args);
      assert.equal(made.code, 0, made.err);
      const { id } = made.json;
      assert.equal((await cli("--json", "schedules", "list")).json.length, 1);
      assert.equal((await cli("--json", "schedules", "pause", id)).json.paused, true);
      assert.equal((await cli("--json", "schedules", "resume", id)).json.paused, false);
      assert.equal((await cli("schedules", "run", id)).code, 0);
      assert.equal((await cli("schedules", "next", id)).out, "none", "no worker fills it here");
      assert.equal((await cli("schedules", "delete", id)).out, "deleted");
      assert.equal((await cli("schedules", "list", "-t", ACME)).out, "none");
      const every = await cli("schedules", "set", "x", "--expression", "0 3 * * *");
      assert.deepEqual([every.code, /--every-tenant/.test(every.err)], [2, true]);
    });

    await t.step("connectors are configured, listed without secrets, and deleted", async () => {
      const target = ["connector.webhook.deliver", "orders"];
      const config = ["--config", '{"url":"https://hooks.example.com/in"}'];
      const set = ["connectors", "set", ...target, "-t", ACME, ...config];
      const made = await cli("--json", ...set, "--secret", "vault:orders");
      assert.match(made.json.id, /^[0-9a-f-]{36}$/);
      const listed = await cli("connectors", "list");
      assert.match(listed.out, /hooks\.example\.com/);
      assert.doesNotMatch(listed.out, /vault:/);
      const invalid = await cli(...set, "--secret", "env:SUPABASE_SECRET_KEYS");
      assert.equal(invalid.code, 1, invalid.out);
      assert.equal((await cli("connectors", "delete", ...target, "-t", ACME)).code, 0);
      assert.equal((await cli("connectors", "list")).out, "none");
    });

    await t.step("alerts are listed and rules changed", async () => {
      assert.equal((await cli("alerts")).out, "none");
      const args = ["alerts", "configure", "queue_waiting", "--settings"];
      const changed = await cli("--json", ...args, '{"threshold":120}');
      assert.equal(changed.code, 0, changed.err);
      assert.equal(changed.json.threshold, 120);
      assert.equal((await cli(...args, '{"nonsense":1}')).code, 1);
      assert.equal((await cli(...args, "[1]")).code, 2);
    });

    await t.step("audit lists and verifies, and exits with 1 on a changed log", async () => {
      const listed = await cli("--json", "audit", "list", "-t", ACME, "-n", "3");
      assert.equal(listed.json.length, 3);
      await sql`select jobforge.seal_audit(1000)`;
      const verified = await cli("--json", "audit", "verify");
      assert.deepEqual([verified.code, verified.json.intact], [0, true]);
      const { seq, hash } = verified.json.head;
      const known = ["--known-seq", String(seq)];
      assert.equal((await cli("audit", "verify", ...known, "--known-hash", hash)).code, 0);
      assert.equal((await cli("audit", "verify", ...known, "--known-hash", "00")).code, 1);
      assert.equal((await cli("audit", "verify", ...known)).code, 2);
      await sql`update jobforge_audit_log set action = 'nothing' where id = (
        select max(id) from jobforge_audit_log)`;
      const changed = await cli("audit", "verify");
      assert.deepEqual([changed.code, /intact +false/.test(changed.out)], [1, true]);
    });

    await t.step("doctor reports what is missing here and exits with 1", async () => {
      const found = await cli("doctor");
      assert.deepEqual([found.code, /FAIL +worker/.test(found.out)], [1, true]);
    });

    await t.step("a key without rights is refused", async () => {
      const environment = {
        SUPABASE_URL: stack.url,
        SUPABASE_SECRET_KEY: stack.publishableKey,
      };
      const refused = await runLine(["pause", "-t", ACME], environment);
      assert.deepEqual([refused.code, refused.out], [1, ""]);
      const made = { ...environment, SUPABASE_SECRET_KEY: "sb_secret_madeup" };
      assert.equal((await runLine(["stats"], made)).code, 1);
    });
  }));
