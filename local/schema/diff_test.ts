import assert from "node:assert/strict";
import { join } from "node:path";
import { PROJECT_ROOT } from "../project.ts";
import { migrationText, schemaDifference } from "./diff.ts";
import { type Edit, withEdits } from "./edited_copy.ts";
import { schemaFolders } from "./migration.ts";
import { VERSION } from "../../shared/core/version.ts";
import { migrationsUpTo, UnknownVersion } from "./scratch.ts";
import { reportDifference, runSchema } from "./schema.ts";

/** What a later version might change, each planned by pg-delta alone. */
const PLANNED: Edit[] = [
  {
    file: "99_rights.sql",
    find: /$/,
    replace: `
alter table jobforge.settings add column extra int not null default 3 check (extra > 0);
comment on column jobforge.settings.extra is 'More.';
create index settings_extra_idx on jobforge.settings (extra) where extra > 1;
grant select on jobforge.settings to service_role;
alter table jobforge.runs set (fillfactor = 61);
create policy settings_select_service on jobforge.settings for select to service_role using (true);
create function jobforge.extra() returns int language sql set search_path = ''
as 'select jobforge.later()';
create function jobforge.later() returns int language sql set search_path = '' as 'select 1';
revoke execute on function jobforge.extra, jobforge.later from public;
`,
  },
  {
    file: "40_runs/claim.sql",
    find: /^begin$/m,
    replace: "begin\n  perform 1;",
  },
];

Deno.test("schema diff plans a migration that leads from a release to the schema files", async () => {
  await withEdits(PLANNED, async (folders) => {
    const { sql, remaining } = await schemaDifference(folders, VERSION);
    assert.deepEqual(remaining, []);
    assert.match(sql, /ADD COLUMN "extra" integer/);
    assert.match(sql, /^-- May rewrite a table: /m);
  });
});

Deno.test("schema diff plans nothing where nothing differs", async () => {
  const difference = await schemaDifference(schemaFolders(PROJECT_ROOT), VERSION);
  assert.deepEqual(difference, { sql: "", remaining: [] });
});

Deno.test("what pg-delta does not plan is reported, and the exit code is 1", async () => {
  const edit = {
    file: "99_rights.sql",
    find: /$/,
    replace: `
create statistics jobforge.extra_stats on id, tenant_id from jobforge.jobs;
insert into jobforge.closed_hosts (tenant_id, host, closed_until)
values ('00000000-0000-4000-8000-000000000001', 'example.com', 'epoch');
`,
  };
  await withEdits([edit], async (folders) => {
    const { remaining } = await schemaDifference(folders, VERSION);
    assert.match(
      remaining.join("\n"),
      /^\+ row of jobforge\.closed_hosts .*\n\+ statistics object jobforge\.extra_stats$/,
    );
  });
  assert.equal(reportDifference("0.8.0", { sql: "", remaining: ["+ table new"] }), 1);
  assert.equal(reportDifference("0.8.0", { sql: "drop table old;", remaining: [] }), 0);
});

Deno.test("a release is its migration and all before it", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const files = ["1_jobforge_0_8_0.sql", "2_jobforge_0_9_0.sql", "3_jobforge_0_10_0.sql"];
    for (const file of files) await Deno.writeTextFile(join(folder, file), "");
    assert.deepEqual(await migrationsUpTo(folder, "0.9.0"), files.slice(0, 2));
    assert.deepEqual(await migrationsUpTo(folder, "0.10.0"), files);
    await assert.rejects(migrationsUpTo(folder, "0.1.0"), UnknownVersion);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("the header of a plan names what a reader must decide about", () => {
  const action = { dataLoss: "none", rewriteRisk: false, transactionality: "transactional" };
  const sql = migrationText("0.8.0", {
    actions: [
      { ...action, sql: "drop table a", dataLoss: "destructive" },
      { ...action, sql: "alter table b add c int;", rewriteRisk: true },
      { ...action, sql: "alter type d add value 'e'", transactionality: "commitBoundaryAfter" },
    ],
    warnings: ["1 statistics object"],
  });
  assert.match(sql, /^-- From JobForge 0\.8\.0 /);
  assert.deepEqual(sql.match(/^(-- [DMN]|drop|alter|set|reset).*$/gm), [
    "-- Deletes data: drop table a",
    "-- May rewrite a table: alter table b add c int;",
    "-- Needs its own file: alter type d add value 'e'",
    "-- Not planned: 1 statistics object",
    "set lock_timeout = '1s';",
    "set check_function_bodies = off;",
    "drop table a;",
    "alter table b add c int;",
    "alter type d add value 'e';",
    "reset check_function_bodies;",
    "reset lock_timeout;",
  ]);
});

Deno.test("an unknown version or command is a usage error", async () => {
  const folders = schemaFolders(PROJECT_ROOT);
  assert.equal(await runSchema(folders, ["diff", "0.0.1"]), 2);
  assert.equal(await runSchema(folders, ["diff"]), 2);
  assert.equal(await runSchema(folders, ["--verify"]), 2);
});
