import assert from "node:assert/strict";
import { connect, type Sql } from "../../local/postgres/database.ts";
import { PROJECT_ROOT } from "../../local/project.ts";
import { type Stack, startStack } from "../../local/stack/stack.ts";
import { testProject } from "../../local/test/test_project.ts";
import { examine } from "./checks.ts";
import { type Finding, report } from "./finding.ts";
import { type Project, readProject } from "../project.ts";

const NAMES = [
  ...[
    "secret_key",
    "publishable_key",
    "extensions",
    "rights",
    "project_url",
    "cron_jobs",
    "dispatcher",
  ],
  ...["post", "undelivered", "lost_runs", "versions", "worker_answer", "maintenance", "schedules"],
  ...["queues", "enqueue", "worker", "version", "clock", "ticket"],
];

function projectOf(stack: Stack): Project {
  return { url: stack.url, secretKey: stack.secretKey, publishableKey: stack.publishableKey };
}

function failures(findings: Finding[]): string[] {
  return findings.filter(({ ok }) => !ok).map(({ name }) => name);
}

async function firstDispatch(sql: Sql): Promise<void> {
  for (const deadline = Date.now() + 60_000; Date.now() < deadline;) {
    const rows = await sql`select from cron.job_run_details where status = 'succeeded'`;
    if (rows.length > 0) return;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  assert.fail("pg_cron's stand-in never ran the dispatcher");
}

async function onStack(use: (stack: Stack, sql: Sql) => Promise<void>): Promise<void> {
  const stack = await startStack({ functions: ["enqueue", "worker"] });
  const sql = connect(stack.adminDbUrl);
  try {
    await use(stack, sql);
  } finally {
    await sql.end();
    await stack.stop();
  }
}

Deno.test("the doctor on a running project", (t) =>
  onStack(async (stack, sql) => {
    const project = projectOf(stack);
    await firstDispatch(sql);

    await t.step("finds nothing wrong in a healthy one", async () => {
      const findings = await examine(project);
      assert.deepEqual(failures(findings), [], report(findings));
      assert.deepEqual(findings.map(({ name }) => name), NAMES);
    });

    await t.step("answers as JSON and by its exit code", async () => {
      const healthy = await command(project, "--json");
      assert.equal(healthy.code, 0, healthy.text);
      assert.equal(JSON.parse(healthy.text).length, NAMES.length);
      const broken = await command({ ...project, secretKey: "sb_secret_madeup" });
      assert.equal(broken.code, 1);
      assert.match(
        broken.text,
        /^FAIL {2}secret_key +the secret key is rejected \(401\)\n +→ copy/m,
      );
      const unset = await command({ ...project, url: "" });
      assert.deepEqual([unset.code, unset.text.includes("SUPABASE_URL")], [2, true]);
    });

    await t.step("never prints a key", async () => {
      const { text } = await command(project);
      assert.ok(!text.includes(project.secretKey) && !text.includes(project.publishableKey!));
    });

    const breaks: [string, string, string, string[]][] = [
      [
        "an extension is missing",
        "alter schema net rename to away",
        "alter schema away rename to net",
        ["extensions", "post", "worker_answer", "ticket"],
      ],
      [
        "anon may do what it should not",
        "grant usage on schema jobforge to anon; " +
        "grant execute on all functions in schema public, jobforge to anon",
        "revoke usage on schema jobforge from anon; " +
        "revoke execute on all functions in schema public, jobforge from anon",
        ["rights"],
      ],
      [
        "the database was cloned from another project",
        "update jobforge.settings set project_url = 'http://127.0.0.1:9'",
        `update jobforge.settings set project_url = '${stack.url}'`,
        ["project_url", "worker_answer", "ticket"],
      ],
      [
        "the schedule is gone",
        "update cron.job set jobname = 'x' || jobname where true",
        "update cron.job set jobname = substr(jobname, 2) where true",
        ["cron_jobs", "dispatcher"],
      ],
    ];
    for (const [what, break_, repair, expected] of breaks) {
      await t.step(`sees that ${what}`, async () => {
        await sql.unsafe(break_);
        const findings = await examine(project, 1_000);
        await sql.unsafe(repair);
        assert.deepEqual(failures(findings), expected, report(findings));
      });
    }

    await t.step("sees a publishable key that opens functions", async () => {
      const findings = await examine({ ...project, publishableKey: stack.secretKey });
      assert.deepEqual(failures(findings), ["publishable_key"]);
    });
  }));

Deno.test("the doctor finds functions that are foreign, missing or late", async () => {
  const gateway = `Deno.serve(() => Response.json({ code: "UNAUTHORIZED_NO_AUTH_HEADER" },
    { status: 401, headers: { date: "Thu, 01 Jan 2015 00:00:00 GMT" } }));`;
  const files = await testProject({ functions: { worker: gateway } });
  const stack = await startStack({ files: { functions: files.files.functions } });
  const sql = connect(stack.adminDbUrl);
  try {
    await firstDispatch(sql);
    const findings = await examine(projectOf(stack), 1_000);
    const failed = ["worker_answer", "enqueue", "worker", "clock", "ticket"];
    assert.deepEqual(failures(findings), failed, report(findings));
    const answer = findings.find(({ name }) => name === "ticket");
    assert.match(answer!.found, /not redeemed: HTTP 401: \{"code":"UNAUTHORIZED_NO_AUTH_HEADER"\}/);
    const fixes = Object.fromEntries(findings.map(({ name, fix }) => [name, fix]));
    assert.match(fixes.enqueue!, /^npx supabase functions deploy enqueue/);
    assert.match(fixes.worker!, /^set verify_jwt = false for worker/);
  } finally {
    await sql.end();
    await stack.stop();
    await files.remove();
  }
});

Deno.test("the doctor reports a project that does not answer", async () => {
  const silent = { url: "http://127.0.0.1:9", secretKey: "sb_secret_x", publishableKey: undefined };
  const findings = await examine({ ...silent, publishableKey: "sb_publishable_x" });
  const found = findings.map(({ name, ok, found }) => ({ name, ok, found }));
  assert.deepEqual(found, [
    { name: "project", ok: false, found: `${silent.url} does not answer` },
  ]);
});

Deno.test("the project is read from maps of keys, single keys, or legacy keys", () => {
  const read = (env: Record<string, string>) => readProject((name) => env[name]);
  const url = { SUPABASE_URL: "https://x.supabase.co/" };
  const maps = read({ ...url, SUPABASE_SECRET_KEYS: '{"cron":"b","default":"a"}' });
  assert.deepEqual([maps.url, maps.secretKey], ["https://x.supabase.co", "a"]);
  assert.equal(read({ ...url, SUPABASE_SECRET_KEY: "c" }).secretKey, "c");
  const legacy = read({ ...url, SUPABASE_SERVICE_ROLE_KEY: "d", SUPABASE_ANON_KEY: "e" });
  assert.deepEqual([legacy.secretKey, legacy.publishableKey], ["d", "e"]);
  assert.throws(() => read(url), /SUPABASE_SECRET_KEY/);
});

/** The permissions of `deno task jobforge`, with the network narrowed to loopback. */
const RIGHTS = ["--allow-net=127.0.0.1", "--allow-env", "--allow-read=.jobforge"];

async function command(project: Project, ...args: string[]) {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", ...RIGHTS, "cli/main.ts", "doctor", ...args],
    cwd: PROJECT_ROOT,
    env: {
      SUPABASE_URL: project.url,
      SUPABASE_SECRET_KEY: project.secretKey,
      SUPABASE_PUBLISHABLE_KEY: project.publishableKey ?? "",
    },
  }).output();
  const text = new TextDecoder();
  return { code, text: text.decode(stdout) + text.decode(stderr) };
}
