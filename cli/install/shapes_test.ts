import assert from "node:assert/strict";
import { join } from "node:path";
import type { Sql } from "../../local/postgres/database.ts";
import { migrate } from "../../local/postgres/migrate.ts";
import { withDatabase } from "../../local/test/test_database.ts";
import { CONFIG, type FakeProject, inProject } from "./fake_project.ts";

/** The shapes in which projects meet `init`: each with what a team has and must keep. */
interface Shape {
  files: Record<string, string>;
  options?: string[];
  /** Folder in which init is typed, from the root of the repository. */
  folder?: string;
  /** Folder of the Supabase project. */
  project?: string;
  check(project: FakeProject, out: string): Promise<void>;
}

const TEAM = `
create schema jobs;
create table public.jobs (id bigint primary key, status text);
create function public.worker() returns int language sql as $$ select 1 $$;
alter default privileges in schema public grant all on tables to anon, authenticated;
`;
const STORAGE = `
create schema storage;
create table storage.buckets (id text primary key, name text not null unique);
`;
const ADA = "33333333-3333-4333-8333-333333333333";
const OLD_FUNCTION =
  'import { z } from "zod";\nDeno.serve(() => new Response(z.string().parse("")));\n';

const SHAPES: Record<string, Shape> = {
  "a fresh project": {
    files: { "supabase/config.toml": CONFIG },
    async check({ root }, out) {
      assert.ok(out.includes(`cd ${root}\n  export REF=your-project-ref\n`), out);
      await migratesTo(root, "jobforge-worker");
    },
  },
  "a project with migrations, functions and zod 3": {
    files: {
      "supabase/config.toml":
        `${CONFIG}\n# Ours.\n[functions.worker] # the team's\nverify_jwt = true\n`,
      "supabase/.temp/project-ref": "abcdefghijklmnopqrst",
      "supabase/migrations/20200101000000_team.sql": TEAM,
      "supabase/migrations/20990101000000_newer.sql": "create table public.queues (id int);",
      "supabase/functions/worker/index.ts": OLD_FUNCTION,
      "supabase/functions/_shared/mod.ts": "export const ours = 1;\n",
      "deno.json": '{ "imports": { "zod": "npm:zod@3.22.4" } }',
      "package.json": '{ "dependencies": { "zod": "^3.22.4" } }',
      "pnpm-lock.yaml": "",
      "node_modules/supabase/package.json": '{ "version": "2.40.7" }',
    },
    async check({ read, root }, out) {
      const { imports } = JSON.parse(await read("supabase/functions/jobforge-worker/deno.json"));
      assert.equal(imports.zod, "npm:zod@^3.25.76");
      assert.ok(out.includes(`! package.json has zod ^3.22.4`), out);
      assert.ok(out.includes(`in ${root}, run pnpm add zod@3.25.76\n`), out);
      for (
        const line of [
          "export REF=abcdefghijklmnopqrst",
          "npx supabase db push --linked",
          "npx supabase functions deploy jobforge-worker jobforge-enqueue jobforge-webhooks " +
          "--project-ref $REF",
        ]
      ) assert.ok(out.includes(`  ${line}\n`), out);
      await migratesTo(root, "jobforge-worker", async (sql) => {
        const [rights] = await sql`
          select has_function_privilege('anon', 'public.worker()', 'execute') as function,
            has_table_privilege('anon', 'public.queues', 'select') as table`;
        assert.deepEqual(rights, { function: true, table: true }, "the team's rights stay");
      });
    },
  },
  "a project with declarative schemas": {
    files: {
      "supabase/config.toml": `${CONFIG}\n[db.migrations]\nschema_paths = ["./schemas/*.sql"]\n`,
      "supabase/migrations/20200101000000_team.sql": TEAM,
      "supabase/schemas/app.sql": TEAM,
    },
    options: ["--schemas"],
    async check({ root, read, tree }, out) {
      const paths = Object.keys(await tree());
      const migration = paths.find((path) => /_jobforge_\d/.test(path))!;
      assert.equal(await read("supabase/schemas/jobforge.sql"), await read(migration));
      assert.ok(!out.includes("to schema_paths"), out);
      await migratesTo(root, "jobforge-worker");
    },
  },
  "a monorepo": {
    files: {
      ".git/HEAD": "",
      "package.json": '{ "workspaces": ["apps/*", "packages/*"] }',
      "deno.json": '{ "workspace": ["./packages/tools"] }',
      "packages/tools/deno.json": "{}",
      "tsconfig.json": `{
  "include": [
    "apps/**/*.ts",
    "packages/**/*.ts"
  ]
}
`,
      "apps/web/package.json": '{ "dependencies": { "zod": "~4.1.0" } }',
      "apps/web/tsconfig.json": '{ "include": ["src"] }',
      "packages/db/package.json": "{}",
      "packages/db/supabase/config.toml": CONFIG,
      "packages/db/supabase/migrations/20200101000000_team.sql": TEAM,
    },
    folder: "apps/..",
    project: "packages/db",
    options: ["--prefix", "bg-"],
    async check({ read, root }) {
      const { exclude } = JSON.parse(await read("tsconfig.json"));
      assert.deepEqual(exclude, [
        "node_modules",
        "packages/db/supabase/functions",
        "packages/db/supabase/jobs/handlers.ts",
      ]);
      assert.equal(await read("apps/web/tsconfig.json"), '{ "include": ["src"] }');
      const config = await read("packages/db/supabase/functions/bg-worker/deno.json");
      assert.equal(JSON.parse(config).imports.zod, "npm:zod@~4.1.0");
      await migratesTo(join(root, "packages/db"), "bg-worker");
    },
  },
  "a project with vectors, a bucket and a trigger on auth.users": {
    files: {
      "supabase/config.toml": CONFIG,
      "supabase/migrations/20200101000000_profiles.sql": `
create table public.profiles (id uuid primary key references auth.users on delete cascade);
create function public.add_profile() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  insert into public.profiles (id) values (new.id);
  return new;
end $$;
create trigger on_auth_user_created after insert on auth.users
  for each row execute function public.add_profile();
`,
      "supabase/migrations/20200102000000_vectors.sql": `
create extension if not exists vector with schema extensions;
create table public.documents (id bigint primary key, embedding extensions.vector(3));
`,
      "supabase/migrations/20200103000000_bucket.sql": `
insert into storage.buckets (id, name) values ('documents', 'documents');
`,
    },
    async check({ root, write }) {
      // This Postgres has no pgvector, and no Storage: its table stands in.
      await Deno.remove(join(root, "supabase/migrations/20200102000000_vectors.sql"));
      await write("supabase/migrations/20190101000000_storage.sql", STORAGE);
      await migratesTo(root, "jobforge-worker", async (sql) => {
        await sql`insert into auth.users (id, email) values (${ADA}, 'ada@acme.test')`;
        const [found] = await sql`
          select (select id from public.profiles) as profile, (select id from storage.buckets)
            as bucket`;
        assert.deepEqual(found, { profile: ADA, bucket: "documents" });
      });
      await Deno.remove(join(root, "supabase/migrations/20190101000000_storage.sql"));
    },
  },
};

function linesOf(text: string): number {
  return text.split("\n").filter((line) => line.trim() !== "").length;
}

/** The migrations apply from the first to the last, and the worker has its name. */
async function migratesTo(
  root: string,
  worker: string,
  check: (sql: Sql) => Promise<void> = async () => {},
): Promise<void> {
  await withDatabase(async ({ url, sql }) => {
    const sources = { migrations: join(root, "supabase/migrations") };
    assert.ok((await migrate(url, sources)).length > 0);
    const [settings] = await sql`select worker_function from jobforge.settings`;
    assert.equal(settings!.worker_function, worker);
    await check(sql);
  }, { sources: { migrations: "/nonexistent" } });
}

for (
  const [name, { files, options = [], folder = ".", project = ".", check }] of Object.entries(
    SHAPES,
  )
) {
  Deno.test(`init in ${name}`, () =>
    inProject(files, async (fake) => {
      const before = await fake.tree();
      const { code, out, err } = await fake.cli("init", folder, "--yes", ...options);
      assert.equal(code, 0, err);
      const after = await fake.tree();
      // Of the team's files only these change, by at most 12 lines and five of tsconfig.json.
      const changed = Object.keys(before).filter((path) => before[path] !== after[path]);
      const allowed = [join(project, "supabase/config.toml"), "tsconfig.json"];
      assert.deepEqual(changed.filter((path) => !allowed.includes(path)), []);
      for (const path of changed) {
        const [was, is] = [before, after].map((tree) => linesOf(tree[path]!));
        assert.ok(is! - was! <= (path === "tsconfig.json" ? 5 : 12), `${path}: ${was} to ${is}`);
      }
      const strays = Object.keys(after).filter((path) =>
        !(path in before) && !path.startsWith(join(project, "supabase/")) &&
        !path.endsWith(".before-jobforge")
      );
      assert.deepEqual(strays, []);
      await check(fake, out);
      const again = await fake.cli("init", folder, "--yes", ...options);
      assert.match(again.out, /Nothing to change/);
    }));
}
