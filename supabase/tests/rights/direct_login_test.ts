import assert from "node:assert/strict";
import { connect, type Sql } from "../../../local/postgres/database.ts";
import { type TestDatabase, withDatabase } from "../../../local/test/test_database.ts";

const ACME = "6c84fb90-12c4-41e1-840d-7b25c5ee775a";

/** A role that logs in itself, was let in by EXECUTE on session_tenant(), and has made a job. */
async function asDirectLogin(use: (sql: Sql, database: TestDatabase) => Promise<void>) {
  await withDatabase(async (database) => {
    const role = `jobforge_login_${crypto.randomUUID().slice(0, 8)}`;
    const admin = connect(database.adminUrl);
    const login = connect(database.urlFor(role));
    try {
      await admin.unsafe(`create role ${role} login password '${database.password}'`);
      await admin.unsafe(`grant authenticated to ${role}`);
      await admin.unsafe(`grant execute on function jobforge.session_tenant() to ${role}`);
      await login`select set_config('app.tenant_id', ${ACME}, false)`;
      await use(login, database);
    } finally {
      await login.end();
      await admin.unsafe(`drop owned by ${role}`);
      await admin.unsafe(`drop role ${role}`);
      await admin.end();
    }
  });
}

Deno.test("a direct login works for the tenant of its session, and for no other", async () => {
  await asDirectLogin(async (sql) => {
    await sql`select jobforge_enqueue_job(p_type => 'test.job')`;
    const jobs = await sql`select tenant_id, created_by from jobforge_jobs`;
    assert.deepEqual(jobs.map((job) => job.tenant_id), [ACME]);
    assert.match(jobs[0]!.created_by, /^jobforge_login_/);
    await assert.rejects(
      sql`select jobforge_enqueue_job(gen_random_uuid(), 'test.job')`,
      { code: "42501", detail: "forbidden" },
    );
  });
});

Deno.test("a direct login cannot become a service", async () => {
  await asDirectLogin(async (sql) => {
    await assert.rejects(sql`set role service_role`, { code: "42501" });
    await assert.rejects(sql`select set_config('role', 'service_role', false)`, { code: "42501" });
    await sql`select set_config('request.jwt.claims', '{"role": "service_role"}', false)`;
    await assert.rejects(sql`select jobforge_start_run()`, { code: "42501" });
    await assert.rejects(
      sql`select jobforge_enqueue_job(${ACME}, 'test.job')`,
      { code: "42501", detail: "forbidden" },
    );
  });
});

Deno.test("a direct login gets no tenant from claims it sets itself", async () => {
  await asDirectLogin(async (sql) => {
    await sql`select jobforge_enqueue_job(p_type => 'test.job')`;
    const claims = { role: "authenticated", app_metadata: { tenant_id: ACME } };
    await sql`select set_config('request.jwt.claims', ${JSON.stringify(claims)}, false)`;
    assert.deepEqual([...await sql`select id from jobforge_jobs`], []);
    await sql`set role authenticated`;
    assert.deepEqual([...await sql`select id from jobforge_jobs`], []);
    await assert.rejects(
      sql`select jobforge_enqueue_job(${ACME}, 'test.job')`,
      { code: "42501", detail: "forbidden" },
    );
  });
});

Deno.test("a direct login reads neither run nor lease token of its jobs, nor the scheduler", async () => {
  await asDirectLogin(async (sql, database) => {
    await sql`select jobforge_enqueue_job(p_type => 'test.job')`;
    await database.sql`
      select jobforge_settle_and_claim(run_id, '[]', 1) from jobforge_start_run() as run`;
    const [job] = await sql`select status, attempts, started_at is null as idle from jobforge_jobs`;
    assert.deepEqual(job, { status: "running", attempts: 1, idle: false });
    for (
      const hidden of [
        "leases.run_id",
        "leases.token",
        "jobs.run_id",
        "unsuccessful_attempts.run_id",
      ]
        .concat(["queues.vtime", "queues.runnable", "queues.tat", "queues.cursor_id"])
    ) {
      const [table, column] = hidden.split(".");
      await assert.rejects(
        sql.unsafe(`select ${column} from jobforge.${table}`),
        { code: "42501" },
        hidden,
      );
    }
  });
});

// The session is new, so the functions below are compiled while the trap is set.
Deno.test("no temporary object of a direct login is run with the owner's rights", async () => {
  await asDirectLogin(async (sql, database) => {
    await database.sql`select jobforge_enqueue_job(${ACME}, 'test.job')`;
    await sql.unsafe(`
      create temp table loot (username text);
      grant all on loot to public;
      create function pg_temp.spy(pg_catalog.text) returns boolean language plpgsql as $$
        begin
          insert into pg_temp.loot values (current_user);
          return true;
        end $$;
      create domain pg_temp.text as pg_catalog.text check (pg_temp.spy(value));
    `);
    await sql`select jobforge_cancel_job(id) from public.jobforge_jobs`;
    await sql`select jobforge_retry_job(id) from public.jobforge_jobs`;
    const loot = await sql`select distinct username::pg_catalog.text as role from loot`;
    assert.deepEqual(loot.filter(({ role }) => !role.startsWith("jobforge_login_")), []);
  });
});
