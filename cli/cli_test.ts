import assert from "node:assert/strict";
import { connect, type Sql } from "../local/postgres/database.ts";
import { type Stack, startStack } from "../local/stack/stack.ts";
import { run } from "./run.ts";
import type { Terminal } from "./terminal.ts";

const ACME = "11111111-1111-4111-8111-111111111111";
const GLOBEX = "22222222-2222-4222-8222-222222222222";
const SECRET = "whsec_Y2FuYXJ5LXNlY3JldC1vZi1hY21lLWNhbmFyeQ==";

interface Ran {
  code: number;
  out: string;
  err: string;
  // deno-lint-ignore no-explicit-any
  json: any;
}

/** Runs one command line as a process would, with what is typed and the environment. */
async function runLine(
  args: string[],
  environment: Record<string, string>,
  typed: { input?: string; answer?: string } = {},
  dev: Record<string, string> = {},
): Promise<Ran> {
  const out: string[] = [];
  const err: string[] = [];
  const terminal: Terminal = {
    out: (text) => void out.push(text),
    err: (text) => void err.push(text),
    isInteractive: false,
    env: (name) => environment[name],
    readInput: () => Promise.resolve(typed.input ?? ""),
    ask: () => typed.answer,
    pause: (ms) => new Promise((resolve) => setTimeout(resolve, Math.min(ms, 50))),
  };
  const code = await run(args, terminal, () => dev);
  const text = out.join("\n");
  const json = args.includes("--json") && text !== "" ? JSON.parse(out[0]!) : undefined;
  return { code, out: text, err: err.join("\n"), json };
}

async function onStack(
  use: (cli: (...args: string[]) => Promise<Ran>, sql: Sql, stack: Stack) => Promise<void>,
): Promise<void> {
  // No functions: jobs stay as the test puts them.
  const stack = await startStack({ functions: [] });
  const sql = connect(stack.adminDbUrl);
  const environment = { SUPABASE_URL: stack.url, SUPABASE_SECRET_KEY: stack.secretKey };
  try {
    await use((...args) => runLine(args, environment), sql, stack);
  } finally {
    await sql.end();
    await stack.stop();
  }
}

async function enqueue(sql: Sql, count: number, type = "test.job"): Promise<string[]> {
  const jobs = Array.from({ length: count }, () => ({ type, payload: { private: "of a tenant" } }));
  const rows = await sql`select job_id from jobforge_enqueue_jobs(${ACME}, ${sql.json(jobs)})`;
  return rows.map((row) => row.job_id);
}

async function kill(sql: Sql, ids: string[], code: string): Promise<void> {
  const [run] = await sql`select run_id from jobforge_start_run(p_capacity => 1000)`;
  const [{ reply } = { reply: undefined }] = await sql`
    select jobforge_settle_and_claim(${run!.run_id}, '[]', 1000) as reply`;
  const outcomes = reply.jobs.filter((job: { id: string }) => ids.includes(job.id))
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

    await t.step("stats and top tell what goes on", async () => {
      const stats = await cli("--json", "stats");
      assert.equal(stats.code, 0, stats.err);
      assert.equal(stats.json.overview.ready, 6);
      assert.equal(stats.json.queues[0].tenant_id, ACME);
      const text = await cli("stats", "--tenant", ACME);
      assert.match(text.out, /6 ready, 0 scheduled, 0 running/);
      const others = await cli("--json", "stats", "--tenant", GLOBEX);
      assert.deepEqual(others.json.queues, []);
      const top = await cli("--json", "top", "--count", "2", "--interval", "1");
      assert.equal(top.out.split("\n").length, 2, "a line of JSON per look");
    });

    await t.step("list filters, and pages by the last id", async () => {
      const failed = await cli("--json", "list", "-t", ACME, "--status", "failed");
      assert.deepEqual(failed.json.map((job: { id: string }) => job.id), ids.slice(0, 6).reverse());
      const page = await cli("--json", "list", "-t", ACME, "-n", "2", "--before", ids[6]!);
      assert.deepEqual(page.json.map((job: { id: string }) => job.id), [ids[5], ids[4]]);
      assert.equal((await cli("list", "-t", GLOBEX)).out, "none");
    });

    await t.step("show keeps the tenant's data to itself unless asked", async () => {
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

    await t.step("by filter they change nothing unless told to", async () => {
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

    await t.step("endpoints are configured, listed without secrets, and deleted", async () => {
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
      await sql`select jobforge.dispatch()`;
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

    await t.step("doctor says what is missing here, and exits with 1", async () => {
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

    await t.step("no argument takes a value, and none is no value", async () => {
      const line = ["secrets", "set", "other", SECRET, "-t", ACME];
      const given = await typing("another value", ...line);
      assert.deepEqual([given.code, given.err.includes(SECRET)], [2, false]);
      const option = await cli("secrets", "set", "orders", `--value=${SECRET}`, "-t", ACME);
      assert.deepEqual([option.code, option.err.includes(SECRET)], [2, false]);
      assert.equal((await typing("\n", "secrets", "set", "orders", "-t", ACME)).code, 2);
    });

    await t.step("erase wants the tenant's id typed, or --yes", async () => {
      await enqueue(sql, 30);
      const left = async () => (await sql`select from jobforge_jobs`).length;
      assert.equal((await cli("erase", ACME)).code, 2, "nobody is there to confirm");
      const other = await runLine(["erase", ACME], environment, { answer: GLOBEX });
      assert.deepEqual([other.code, await left()], [2, 30]);
      const done = await cli("--json", "erase", ACME, "--yes", "--limit", "10");
      assert.equal(done.code, 0, done.err);
      assert.match(done.json.certificate_hash, /^[0-9a-f]{64}$/);
      assert.equal(await left(), 0);
      const again = await runLine(["erase", ACME], environment, { answer: ACME });
      assert.deepEqual([again.code, /certificate hash/.test(again.out)], [0, true]);
    });

    await t.step("erase gives up waiting for jobs that run, and says so", async () => {
      await sql`select jobforge_enqueue_job(${GLOBEX}, 'test.job')`;
      const [run] = await sql`select run_id from jobforge_start_run(p_capacity => 10)`;
      await sql`select jobforge_settle_and_claim(${run!.run_id}, '[]', 10)`;
      const waiting = await cli("erase", GLOBEX, "--yes", "--wait-seconds", "1");
      assert.deepEqual([waiting.code, /not finished/.test(waiting.out)], [1, true]);
    });
  }));

Deno.test("help needs no project, wrong use is told apart, keys are not mixed", async (t) => {
  await t.step("every command has help", async () => {
    const { out } = await runLine(["--help"], {});
    const names = [...out.matchAll(/^ {2}([a-z]+) /gm)].map((match) => match[1]!);
    assert.ok(names.length >= 17, String(names));
    for (const name of names.filter((each) => each !== "help")) {
      const help = await runLine([name, "--help"], {});
      assert.deepEqual([help.code, /Usage: jobforge/.test(help.out)], [0, true], name);
    }
  });
  await t.step("wrong use exits with 2", async () => {
    const lines = [
      ...[["nonsense"], ["list"], ["list", "-t", "acme"], ["top", "-i", "0"], [
        "retry",
        "-t",
        ACME,
      ]],
      ["show", "no-uuid", "-t", ACME],
    ];
    const environment = { SUPABASE_URL: "http://127.0.0.1:1", SUPABASE_SECRET_KEY: "sb_secret_x" };
    for (const line of lines) {
      assert.equal((await runLine(line, environment)).code, 2, String(line));
    }
  });
  await t.step("without any project it says what to set", async () => {
    const { code, err } = await runLine(["stats"], {});
    assert.deepEqual([code, /SUPABASE_URL/.test(err)], [2, true]);
  });
  await t.step("a project that does not answer exits with 3", async () => {
    const dev = { SUPABASE_URL: "http://127.0.0.1:1", SUPABASE_SECRET_KEY: "sb_secret_x" };
    assert.equal((await runLine(["stats"], {}, {}, dev)).code, 3);
  });
  await t.step("the local stack's key never goes to the address of the environment", async () => {
    const dev = { SUPABASE_URL: "http://127.0.0.1:1", SUPABASE_SECRET_KEY: "sb_secret_x" };
    const hosted = { SUPABASE_URL: "http://127.0.0.1:2" };
    assert.equal((await runLine(["stats"], hosted, {}, dev)).code, 2);
  });
});
