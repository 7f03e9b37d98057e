import assert from "node:assert/strict";
import { connect } from "../postgres/database.ts";
import { PROJECT_ROOT } from "../project.ts";
import { type TestDatabase, withDatabase } from "../test/test_database.ts";
import { catalogSnapshot, differences, type Snapshot } from "./catalog_snapshot.ts";
import { type Edit, withEdits } from "./edited_copy.ts";
import { schemaFolders } from "./migration.ts";
import { withSchemas } from "./scratch.ts";

const DEBIAN_15 = "/usr/lib/postgresql/15/bin";
const has15 = await Deno.stat(`${DEBIAN_15}/postgres`).then(() => true, () => false);

const snapshot = (database: TestDatabase) => catalogSnapshot(database.adminUrl);
const migrated = (bin?: string) => withDatabase(snapshot, { bin });

const VERSIONS: { name: string; bin?: string; ignore?: boolean }[] = [
  { name: "the Postgres of this run" },
  has15
    ? { name: "Debian's Postgres 15", bin: DEBIAN_15 }
    : { name: "Debian's Postgres 15 (skipped: it is not installed)", ignore: true },
];

for (const { name, bin, ignore = false } of VERSIONS) {
  Deno.test({
    name: `the migrations and the schema files give the same catalog on ${name}`,
    ignore,
    fn: async () => {
      const [migrations, schemas] = await Promise.all([
        migrated(bin),
        withSchemas(schemaFolders(PROJECT_ROOT), snapshot, { bin }),
      ]);
      assert.ok(migrations.length > 2000, `${migrations.length} entries`);
      assert.deepEqual(differences(migrations, schemas), []);
    },
  });
}

/** One edit of each kind, and what the comparison then reports. */
const EDITS: Record<string, Edit & { reported: RegExp }> = {
  "a function's body": {
    file: "40_runs/02_claim.sql",
    find: /^begin$/m,
    replace: "begin\n  perform 1;",
    reported: /^\+ function jobforge\.\w+\(.*\): definition, line \d+:\s+perform 1;$/,
  },
  "a column's default": {
    file: "10_foundation/settings.sql",
    find: /max_runs int not null default \d+/,
    replace: "max_runs int not null default 17",
    reported: /^\+ table column jobforge\.settings\.max_runs: definition: .* default 17 /,
  },
  "a row": {
    file: "10_foundation/settings.sql",
    find: /max_runs int not null default \d+/,
    replace: "max_runs int not null default 17",
    reported: /^\+ row of jobforge\.settings .*"max_runs": 17\b/,
  },
  "a comment": {
    file: "10_foundation/settings.sql",
    find: /(comment on table jobforge\.settings is ')/,
    replace: "$1Edited. ",
    reported: /^\+ table jobforge\.settings: comment: Edited\. /,
  },
  "a grant": {
    file: "99_rights.sql",
    find: /$/,
    replace: "\ngrant update on jobforge.settings to authenticated;\n",
    reported: /^\+ table jobforge\.settings: granted to authenticated by postgres: .*\bUPDATE\b/,
  },
  "an index": {
    file: "18_storage/01_queues.sql",
    find: /(create index \w+ on jobforge\.queues \(\w+)/,
    replace: "$1 desc",
    reported: /^\+ index jobforge\.queues_\w+: definition: .* DESC/,
  },
  "a policy": {
    file: "99_rights.sql",
    find: /(create policy [^;]*?for select\s+to )/,
    replace: "$1anon, ",
    reported: /^\+ policy \w+ on \S+: definition: .* to anon, authenticated /,
  },
  "a storage option": {
    file: "18_storage/00_jobs.sql",
    find: /fillfactor = \d+/,
    replace: "fillfactor = 71",
    reported: /^\+ table jobforge\.jobs: storage: .*fillfactor=71/,
  },
};

Deno.test("one edited line of a schema file makes the catalogs differ", async (test) => {
  const before = await migrated();
  const edits = Object.values(EDITS);
  const unique = edits.filter(({ find, file }, index) =>
    index === edits.findIndex((other) => other.file === file && `${other.find}` === `${find}`)
  );
  const after = await withEdits(unique, (folders) => withSchemas(folders, snapshot));
  await reports(test, differences(before, after), EDITS);
});

/** One change of each further kind, in SQL. */
const CHANGES: Record<string, { sql: string; reported: RegExp }> = {
  "a column's place": {
    sql: "alter table jobforge.settings drop column max_runs, add max_runs int not null default 4",
    reported: /^\+ table column jobforge\.settings\.max_runs: definition: \d+ integer/,
  },
  "an owner": {
    sql: "alter table jobforge.retention owner to supabase_admin",
    reported: /^\+ table jobforge\.retention: owner: supabase_admin$/,
  },
  "a function's setting": {
    sql: "alter function jobforge.clock() set work_mem = '9MB'",
    reported: /^\+ function jobforge\.clock\(\): definition, line \d+:\s+SET work_mem TO '9MB'$/,
  },
  "a domain's constraint": {
    sql: "alter domain jobforge.positive add constraint small check (value < 10)",
    reported: /^\+ domain constraint small on jobforge\.positive$/,
  },
  "a composite type's column": {
    sql: "create type jobforge.extra as (id int)",
    reported: /^\+ composite type column jobforge\.extra\.id$/,
  },
  "a trigger": {
    sql: "create trigger extra before update on jobforge.settings for each row " +
      "execute function suppress_redundant_updates_trigger()",
    reported: /^\+ trigger extra on jobforge\.settings$/,
  },
  "row security": {
    sql: "alter table jobforge.runs disable row level security",
    reported: /^\+ table jobforge\.runs: storage: .* row security f /,
  },
  "a statistics object": {
    sql: "create statistics jobforge.extra_stats on id, tenant_id from jobforge.jobs",
    reported: /^\+ statistics object jobforge\.extra_stats$/,
  },
  "default privileges": {
    sql:
      "alter default privileges for role postgres in schema jobforge grant select on tables to anon",
    reported: /^\+ default privileges of postgres in jobforge on r$/,
  },
  "an object of another kind": {
    sql: 'create collation jobforge.extra from "C"',
    reported: /^\+ collation jobforge\.extra$/,
  },
};

Deno.test("one changed object makes the catalogs differ", async (test) => {
  const before = await migrated();
  const after = await withDatabase(async (database) => {
    const admin = connect(database.adminUrl);
    for (const { sql } of Object.values(CHANGES)) await admin.unsafe(sql);
    await admin.end();
    return await snapshot(database);
  });
  await reports(test, differences(before, after), CHANGES);
});

/** Checks, one step for each kind, that a line reports it. */
async function reports(
  test: Deno.TestContext,
  lines: string[],
  kinds: Record<string, { reported: RegExp }>,
): Promise<void> {
  for (const [name, { reported }] of Object.entries(kinds)) {
    await test.step(name, () => {
      assert.ok(lines.some((line) => reported.test(line)), lines.join("\n"));
    });
  }
}

Deno.test("differences shows the first line that differs, and whole objects by name", () => {
  const before: Snapshot = [
    { object: "function f()", property: "definition", value: "one\ntwo\nthree" },
    { object: "table gone", property: "exists", value: "" },
  ];
  const after: Snapshot = [
    { object: "function f()", property: "definition", value: "one\n2\n3" },
    { object: "function f()", property: "comment", value: "Counts." },
    { object: "table new", property: "exists", value: "" },
  ];
  assert.deepEqual(differences(before, after), [
    "+ function f(): comment: Counts.",
    "- function f(): definition, line 2: two",
    "+ function f(): definition, line 2: 2",
    "- table gone",
    "+ table new",
  ]);
  assert.deepEqual(differences(after, after), []);
});
