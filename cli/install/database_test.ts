import assert from "node:assert/strict";
import { join } from "node:path";
import { migrate } from "../../local/postgres/migrate.ts";
import type { Sql } from "../../local/postgres/database.ts";
import { withDatabase } from "../../local/test/test_database.ts";
import { ACME } from "../fake_terminal.ts";
import { CONFIG, type FakeProject, inProject } from "./fake_project.ts";

/** A team with its own jobs, queues and names. */
const TEAM = `
create schema jobs;
create table public.jobs (id bigint primary key, status text);
create table public.queues (id bigint primary key);
create type public.job_status as enum ('open', 'done');
create function public.enqueue_job(p_type text) returns bigint
language sql as $$ insert into public.jobs (id) values (1) returning id $$;
create function public.worker() returns int language sql as $$ select 1 $$;
alter default privileges in schema public grant all on tables to anon, authenticated;
alter default privileges in schema public grant execute on functions to anon, authenticated;
`;
const PROJECT = {
  "supabase/config.toml": CONFIG,
  "supabase/migrations/20200101000000_team.sql": TEAM,
  "supabase/migrations/20990101000000_later.sql": "create table public.later (id int primary key);",
};

/** Everything in the database that is not part of Postgres. */
async function everything(sql: Sql): Promise<string[]> {
  const rows = await sql<{ thing: string }[]>`
    with own as (
      select oid, nspname from pg_namespace where nspname !~ '^(pg_|information_schema)'
    )
    select 'schema ' || nspname as thing from own
    union all select 'relation ' || pg_class.oid::regclass from pg_class
      join own on own.oid = pg_class.relnamespace
    union all select 'function ' || pg_proc.oid::regprocedure from pg_proc
      join own on own.oid = pg_proc.pronamespace
    union all select 'type ' || pg_type.oid::regtype from pg_type
      join own on own.oid = pg_type.typnamespace
    union all select 'default ' || defaclobjtype::text || defaclacl::text from pg_default_acl
    union all select 'event trigger ' || evtname from pg_event_trigger
    union all select 'role ' || rolname from pg_roles
    union all select 'cron job ' || jobname from cron.job
    union all select 'secret ' || name from vault.secrets
    order by thing`;
  return rows.map(({ thing }) => thing).filter((thing) => !/pg_toast/.test(thing));
}

async function cli(project: FakeProject, ...args: string[]): Promise<void> {
  const { code, err } = await project.cli(...args);
  assert.equal(code, 0, err);
}

Deno.test("the migration applies after the team's, and uninstall takes everything back", () =>
  inProject(PROJECT, async (project) => {
    const sources = { migrations: join(project.root, "supabase/migrations") };
    await withDatabase(async (database) => {
      const before = await everything(database.sql);
      await cli(project, "init", "--yes");
      assert.equal((await migrate(database.url, sources)).length, 1);
      const [settings] = await database.sql`select worker_function from jobforge.settings`;
      assert.equal(settings!.worker_function, "jobforge-worker");
      await database.sql`select jobforge_setup('https://abc.supabase.co')`;
      await database.sql`select jobforge_set_secret(${ACME}, 'hook', 'a-value-of-a-secret')`;
      const [job] = await database.sql`
        select job_id from jobforge_enqueue_job(p_tenant_id => ${ACME}, p_type => 'hello.say')`;
      assert.ok((await everything(database.sql)).length > before.length + 300);

      await cli(project, "uninstall", "--yes");
      await assert.rejects(migrate(database.url, sources), /jobs are open/);
      const [kept] = await database.sql`select count(*)::int as jobs from jobforge_jobs`;
      assert.equal(kept!.jobs, 1);

      await database.sql`select jobforge_cancel_job(${job!.job_id}, ${ACME})`;
      assert.equal((await migrate(database.url, sources)).length, 1);
      assert.deepEqual(await everything(database.sql), before);
    }, { sources });
  }));

Deno.test("--delete-open-jobs removes the schema with its open jobs", () =>
  inProject(PROJECT, async (project) => {
    const sources = { migrations: join(project.root, "supabase/migrations") };
    await cli(project, "init", "--yes");
    await withDatabase(async (database) => {
      await database.sql`
        select job_id from jobforge_enqueue_job(p_tenant_id => ${ACME}, p_type => 'hello.say')`;
      await cli(project, "uninstall", "--yes", "--delete-open-jobs");
      assert.equal((await migrate(database.url, sources)).length, 1);
      const [left] = await database.sql`select to_regnamespace('jobforge') as schema`;
      assert.equal(left!.schema, null);
    }, { sources });
  }));

Deno.test("declarative schemas give the database that the migrations give", () =>
  inProject({
    "supabase/config.toml": CONFIG,
    "supabase/migrations/20200101000000_app.sql": TEAM,
    "supabase/schemas/app.sql": TEAM,
  }, async (project) => {
    await cli(project, "init", "--yes", "--schemas");
    const folder = await Deno.makeTempDir();
    for (const [index, name] of ["app", "jobforge"].entries()) {
      const text = await project.read(`supabase/schemas/${name}.sql`);
      await Deno.writeTextFile(join(folder, `${index}_${name}.sql`), text);
    }
    const databases = [join(project.root, "supabase/migrations"), folder].map((migrations) =>
      withDatabase(({ sql }) => everything(sql), { sources: { migrations } })
    );
    const [migrated, declared] = await Promise.all(databases);
    assert.ok(migrated!.length > 300);
    assert.deepEqual(declared, migrated);
    await Deno.remove(folder, { recursive: true });
  }));
