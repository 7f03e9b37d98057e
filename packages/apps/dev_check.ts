import assert from "node:assert/strict";
import { join } from "node:path";
import { CONFIG, type FakeProject, inProject } from "../../cli/install/fake_project.ts";
import { PROJECT_ROOT } from "../../local/project.ts";
import { connect, withDatabaseName } from "../../local/postgres/database.ts";
import { clusterDirectory } from "../../local/stack/stack_database.ts";
import { freePort } from "../../local/system.ts";
import { createTestDatabase } from "../../local/test/test_database.ts";
import { parseEnv } from "node:util";

const TENANT = "11111111-1111-4111-8111-111111111111";
const HANDLERS = `
import { handle } from "../functions/_jobforge/index.js";
import { helloSay } from "./definitions.ts";

const handleHelloSay = handle(helloSay, ({ name }) => {
  console.log("greeting", { name });
  if (name === "nobody") throw new TypeError("no one to greet");
  return { greeting: \`\${Deno.env.get("WORD")}, \${name}\` };
});

export const handlers = [handleHelloSay];
`;
const PROJECT = {
  "supabase/config.toml": `${CONFIG}
[db.seed]
enabled = true
sql_paths = ["./seeds/*.sql"]
`,
  "supabase/migrations/20260101000000_city.sql":
    "create extension if not exists pg_net with schema extensions;\ncreate table public.city (name text);",
  "supabase/seeds/cities.sql": "insert into public.city values ('Oslo');",
  "supabase/functions/.env": "WORD=Hello\nOTHER=same\n",
};

/** A running \`jobforge dev\`. */
interface Dev {
  /** What it has printed. */
  text(): string;
  /** Waits until it prints something after what it had printed before \`from\`. */
  shows(pattern: RegExp, from?: number): Promise<string>;
  interrupt(): void;
  ended: Promise<number>;
}

function startDev(root: string, ...options: string[]): Dev {
  const ports = ["JOBFORGE_PORT", "JOBFORGE_DB_PORT", "JOBFORGE_DASHBOARD_PORT"];
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "cli/main.ts", "dev", root, ...options],
    cwd: PROJECT_ROOT,
    env: { NO_COLOR: "1", ...Object.fromEntries(ports.map((name) => [name, String(freePort())])) },
    ...{ stdin: "null", stdout: "piped", stderr: "piped" },
  }).spawn();
  let printed = "";
  const reads = [child.stdout, child.stderr].map(async (stream) => {
    for await (const part of stream.pipeThrough(new TextDecoderStream())) printed += part;
  });
  let isOver = false;
  const ended = child.status.then(async ({ code }) => {
    isOver = true;
    await Promise.all(reads);
    return code;
  });
  return {
    ...{ text: () => printed, ended },
    async shows(pattern, from = 0) {
      for (const deadline = Date.now() + 60_000; Date.now() < deadline;) {
        const found = pattern.exec(printed.slice(from))?.[0];
        if (found !== undefined) return found;
        assert.ok(!isOver, `it ended:\n${printed}`);
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      assert.fail(`${pattern} was not shown:\n${printed}`);
    },
    interrupt: () => child.kill("SIGINT"),
  };
}

/** Enqueues a greeting and returns the ID of its job. */
async function greet({ read }: FakeProject, name: string): Promise<string> {
  const text = (await read(".jobforge/stack.env")).replaceAll("export ", "");
  const { SUPABASE_URL, SUPABASE_SECRET_KEY } = parseEnv(text) as Record<string, string>;
  const response = await fetch(`${SUPABASE_URL}/rest/v1/rpc/jobforge_enqueue_job`, {
    method: "POST",
    headers: { "content-type": "application/json", apikey: SUPABASE_SECRET_KEY! },
    body: JSON.stringify({ p_tenant_id: TENANT, p_type: "hello.say", p_payload: { name } }),
  });
  const body = await response.text();
  assert.equal(response.status, 200, body);
  return /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/.exec(body)![0];
}

async function rowsOf({ read }: FakeProject, statement: string): Promise<unknown[]> {
  const text = (await read(".jobforge/stack.env")).replaceAll("export ", "");
  const sql = connect((parseEnv(text) as Record<string, string>).SUPABASE_DB_URL!);
  try {
    return [...await sql.unsafe(statement)];
  } finally {
    await sql.end();
  }
}

async function withInstalled(use: (project: FakeProject) => Promise<void>): Promise<void> {
  await inProject(PROJECT, async (project) => {
    const { code, err } = await project.cli("init", "--yes");
    assert.equal(code, 0, err);
    await project.write("supabase/jobs/handlers.ts", HANDLERS);
    try {
      await use(project);
    } finally {
      const cluster = await clusterDirectory(join(project.root, ".jobforge"));
      await Deno.remove(cluster, { recursive: true }).catch(() => {});
    }
  });
}

Deno.test("jobforge dev runs a user's own project", (t) =>
  withInstalled(async (project) => {
    const dev = startDev(project.root);
    await dev.shows(/The dashboard:\n\n.*\n/);
    const link = /http:\S+#token=(\S+)/.exec(dev.text())![1]!;
    await t.step("its migrations and its seed are there, JobForge's among them", async () => {
      const rows = await rowsOf(
        project,
        "select name, to_regclass('public.jobforge_jobs') is null as none from city",
      );
      assert.deepEqual(rows, [{ name: "Oslo", none: false }]);
    });
    await t.step("what a handler prints has its job", async () => {
      const id = await greet(project, "Ada");
      await dev.shows(new RegExp(`jobforge-worker: hello\\.say ${id}: greeting \\{ name: "?'?Ada`));
    });
    await t.step(
      "a failed attempt shows job, tenant, attempt, place and the next try",
      async () => {
        const id = await greet(project, "nobody");
        await dev.shows(
          new RegExp(`✗ hello\\.say ${id}, attempt 1 of \\d+ errored \\(.*no one to greet`),
        );
        await dev.shows(new RegExp(`tenant ${TENANT}, at supabase/jobs/handlers\\.ts:7:\\d+`));
        await dev.shows(new RegExp(`hello\\.say ${id}: next try in \\d+\\.\\d s`));
      },
    );
    await t.step("a saved functions/.env is read, and its values are not shown", async () => {
      const from = dev.text().length;
      await project.write("supabase/functions/.env", "WORD=Hei-secret\nOTHER=same\n");
      await dev.shows(/jobforge-worker.*: WORD of functions\/\.env changed, restarted/, from);
      const id = await greet(project, "Eva");
      await dev.shows(new RegExp(`${id}: greeting`), from);
      const [row] = await rowsAfter(project, id);
      assert.match(String(row), /Hei-secret, Eva/);
      assert.doesNotMatch(dev.text(), /Hei-secret|OTHER of/);
    });
    await t.step("a boot error is shown alone, then that it is fixed", async () => {
      const from = dev.text().length;
      await project.write("supabase/jobs/handlers.ts", `${HANDLERS}\nconst = 1;\n`);
      await dev.shows(/jobforge-worker starts when you save a change/, from);
      const shown = dev.text().slice(from);
      assert.match(shown, /✗ The function jobforge-worker ended/);
      assert.match(shown, /supabase\/jobs\/handlers\.ts:13:7/);
      assert.doesNotMatch(shown.split("✗ The function")[1]!, /"timestamp"|at Drain/);
      assert.equal(shown.split("handlers.ts:13:7").length, 2, `once:\n${shown}`);
      await project.write("supabase/jobs/handlers.ts", HANDLERS);
      await dev.shows(/✓ jobforge-worker: fixed/, from);
    });
    await t.step("Ctrl-C ends it, and the data and the link stay", async () => {
      dev.interrupt();
      assert.equal(await dev.ended, 0, dev.text());
      assert.equal(await project.read(".jobforge/.gitignore"), "*\n");
      assert.equal(await project.read(".jobforge/dashboard_token"), link);
    });
    await t.step(
      "migrations that cannot run here are named, and none of them is applied",
      async () => {
        await project.write("supabase/migrations/29990101000000_fine.sql", "create table fine ();");
        await project.write(
          "supabase/migrations/29990102000000_vector.sql",
          "create extension if not exists vector with schema extensions;",
        );
        const refused = startDev(project.root);
        assert.equal(await refused.ended, 1, refused.text());
        assert.match(refused.text(), /29990102000000_vector\.sql: extension vector \(pgvector\)/);
        assert.match(refused.text(), /Nothing was applied.*dev \S+ --db postgresql:\/\//s);
        await Deno.remove(join(project.root, "supabase/migrations/29990102000000_vector.sql"));
        await project.write(
          "supabase/migrations/29990102000000_bucket.sql",
          "create table half ();\ninsert into storage.buckets (id, name) values ('a', 'a');",
        );
        const bucket = startDev(project.root);
        assert.equal(await bucket.ended, 1, bucket.text());
        assert.match(bucket.text(), /bucket\.sql needs the schema storage of Storage/);
        assert.match(bucket.text(), /bucket\.sql:2: .*The file was rolled back/s);
      },
    );
  }));

/** Waits for the result of a job. */
async function rowsAfter(project: FakeProject, id: string): Promise<string[]> {
  for (let look = 0; look < 100; look++) {
    const rows = await rowsOf(
      project,
      `select result::text from jobforge_job_results where job_id = '${id}'`,
    );
    if (rows.length > 0) return rows.map((row) => (row as { result: string }).result);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  assert.fail(`the job ${id} has no result`);
}

Deno.test("dev --db makes its database on another server, and leaves others alone", (t) =>
  withInstalled(async (project) => {
    const server = await createTestDatabase();
    const name = `my_app_${crypto.randomUUID().slice(0, 8)}`;
    try {
      await t.step("it runs a job there", async () => {
        const dev = startDev(project.root, "--db", withDatabaseName(server.adminUrl, name));
        await dev.shows(/The dashboard:/);
        const id = await greet(project, "Ada");
        await dev.shows(new RegExp(`${id}: greeting`));
        assert.match(String(await rowsAfter(project, id)), /Hello, Ada/);
        dev.interrupt();
        assert.equal(await dev.ended, 0, dev.text());
      });
      const refusals: [string, RegExp][] = [
        [server.url, /postgres is no superuser.*supabase_admin/s],
        ["postgresql://a:b@127.0.0.1:1/My App", /--db cannot be used.*in lower case/s],
        [withDatabaseName("postgresql://a:planted@127.0.0.1:1/x", "x"), /cannot be reached/],
      ];
      for (const [url, message] of refusals) {
        await t.step(`it refuses: ${message.source}`, async () => {
          const dev = startDev(project.root, "--db", url);
          assert.equal(await dev.ended, 1, dev.text());
          assert.match(dev.text(), message);
          assert.doesNotMatch(dev.text(), /planted/);
        });
      }
      await t.step("it refuses a server whose roles have another password", async () => {
        const admin = connect(server.adminUrl);
        const role = `boss_${crypto.randomUUID().slice(0, 8)}`;
        await admin.unsafe(`create role ${role} superuser login password 'planted'`);
        const url = withDatabaseName(server.adminUrl, name, { user: role, password: "planted" });
        const dev = startDev(project.root, "--db", url);
        assert.equal(await dev.ended, 1, dev.text());
        assert.match(dev.text(), /role \w+ has another password than the URL/);
        await admin.unsafe(`drop role ${role}`);
        await admin.end();
      });
      await t.step("it refuses a database of others", async () => {
        const admin = connect(withDatabaseName(server.adminUrl, "template1"));
        const used = `${name}_used`;
        await admin.unsafe(`create database ${used}`);
        const sql = connect(withDatabaseName(server.adminUrl, used));
        await sql`create table theirs (id int)`;
        await sql.end();
        const dev = startDev(project.root, "--db", withDatabaseName(server.adminUrl, used));
        assert.equal(await dev.ended, 1, dev.text());
        assert.match(dev.text(), /was not made by this stack.*Name another database/s);
        await admin.unsafe(`drop database ${used}`);
        await admin.end();
      });
    } finally {
      const admin = connect(withDatabaseName(server.adminUrl, "template1"));
      await admin.unsafe(`drop database if exists ${name} with (force)`);
      await admin.end();
      await server.drop();
    }
  }));
