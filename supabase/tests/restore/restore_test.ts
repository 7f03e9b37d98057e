import assert from "node:assert/strict";
import { join } from "node:path";
import type { Sql } from "../../../local/postgres/database.ts";
import { type TestDatabase, withDatabase } from "../../../local/test/test_database.ts";
import { FORMER_DEFAULT_GRANTS } from "../pgtap/suite.ts";

/** pg_dump comes with Debian's Postgres, and with no package of npm. */
const BIN = "/usr/lib/postgresql/15/bin";
const ignore = !(await Deno.stat(join(BIN, "pg_dump")).then(() => true, () => false));
const ACME = "11111111-1111-4111-8111-111111111111";

async function run(program: string, args: string[], input?: string): Promise<string> {
  const child = new Deno.Command(join(BIN, program), {
    args,
    stdin: input === undefined ? "null" : "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  if (input !== undefined) {
    const writer = child.stdin.getWriter();
    await writer.write(new TextEncoder().encode(input));
    await writer.close();
  }
  const { success, stdout, stderr } = await child.output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  assert.ok(success, `${program}: ${text(stderr)}`);
  return text(stdout);
}

const pgDump = ({ adminUrl }: TestDatabase, ...options: string[]) =>
  run("pg_dump", [...options, "-n", "jobforge", "-n", "public", "-d", adminUrl]);

const restore = (url: string, dump: string) =>
  run("psql", ["-Xq", "-v", "ON_ERROR_STOP=1", "-1", "-d", url], dump);

/** Jobs in several states, settings, an alert rule and a sealed audit log. */
async function use(sql: Sql): Promise<void> {
  await sql`select * from jobforge_setup('https://abc.supabase.co', 7)`;
  await sql`select jobforge_configure_alert('jobs_failing', '{"threshold": 0.5}')`;
  await sql`select jobforge_configure_queue(${ACME}, 'mail', '{"weight": 2}')`;
  const jobs = Array.from({ length: 5 }, (_, index) => ({ type: "test.job", payload: { index } }));
  await sql`select count(*) from jobforge_enqueue_jobs(${ACME}, ${sql.json(jobs)})`;
  await sql`
    select jobforge_settle_and_claim(run_id, '[]', 2) from public.jobforge_start_run() as run`;
  await sql`select jobforge.seal_audit(100)`;
}

async function state(sql: Sql): Promise<Record<string, unknown>> {
  const tables = await sql<{ name: string }[]>`
    select oid::regclass::text as name from pg_class
    where relkind = 'r' and (relnamespace = 'jobforge'::regnamespace
      or relnamespace = 'public'::regnamespace and starts_with(relname, 'jobforge_'))`;
  const found: Record<string, unknown> = {};
  for (const { name } of tables) {
    const [row] = await sql.unsafe(
      `select count(*), md5(string_agg(row::text, ' ' order by row::text)) from ${name} as row`,
    );
    found[name] = `${row!.count} ${row!.md5}`;
  }
  return found;
}

for (
  const [how, before] of [
    ["", ""],
    [" with triggers switched off", "set session_replication_role = replica;\n"],
  ] as const
) {
  Deno.test({
    name: `a dump of the data restores into a migrated database${how}`,
    ignore,
    fn: () =>
      withDatabase((from) =>
        withDatabase(async (to) => {
          await use(from.sql);
          const dump = await pgDump(from, "--data-only");
          await restore(to.adminUrl, before + dump);
          assert.deepEqual(await state(to.sql), await state(from.sql));
          const [log] = await to.sql`select jobforge_verify_audit() as verdict`;
          assert.equal(log!.verdict.intact, true);
          const [enqueued] = await to
            .sql`select status from jobforge_enqueue_job(${ACME}, 'test.job')`;
          assert.equal(enqueued!.status, "queued");
        }, { bin: BIN }), { bin: BIN }),
  });
}

Deno.test({
  name: "one repair sets the rights of a project restored under the former default grants",
  ignore,
  fn: () =>
    withDatabase((from) =>
      withDatabase(async (to) => {
        await use(from.sql);
        const dump = await pgDump(from);
        await to.sql.unsafe("drop schema jobforge cascade; drop schema public cascade");
        await to.sql.unsafe(`create schema public; ${FORMER_DEFAULT_GRANTS}`);
        await restore(to.url, dump.replace(/^CREATE SCHEMA public;$/m, ""));
        const unexpected = async () =>
          (await to.sql`select jobforge.unexpected_grants() as found`)[0]!.found;
        assert.notEqual(await unexpected(), null);
        await to.sql`select jobforge.apply_rights()`;
        assert.equal(await unexpected(), null);
        await to.sql`select jobforge.apply_rights()`;
      }, { bin: BIN }), { bin: BIN }),
});
