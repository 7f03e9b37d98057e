import assert from "node:assert/strict";
import { withDatabase } from "../test/test_database.ts";
import { supabase } from "./cli.ts";

const ROOT = new URL("../..", import.meta.url).pathname;

const plain = { sources: { migrations: new URL("./no_migrations", import.meta.url).pathname } };

Deno.test("supabase db push applies the migrations to a plain Postgres, and twice is harmless", async () => {
  await withDatabase(async ({ sql, url }) => {
    const first = await supabase(url, "db", "push", "--include-seed", "--yes");
    assert.equal(first.code, 0, first.stderr);
    const second = await supabase(url, "db", "push", "--yes");
    assert.equal(second.code, 0, second.stderr);
    assert.match(second.stdout + second.stderr, /up to date/);
    const [row] = await sql`
      select (select count(*)::int from supabase_migrations.schema_migrations) as migrations,
        (select count(*)::int from jobforge_queues) as queues
    `;
    assert.deepEqual(row, { migrations: await countMigrations(), queues: 3 });
  }, plain);
});

Deno.test("shared/database.types.ts is what supabase gen types makes of the migrations", async () => {
  await withDatabase(async ({ url }) => {
    const { code, stdout, stderr } = await supabase(
      url,
      "gen",
      "types",
      "-s",
      "public",
      "--lang",
      "typescript",
    );
    assert.equal(code, 0, stderr);
    const kept = await Deno.readTextFile(`${ROOT}shared/database.types.ts`);
    assert.equal(kept, await formatted(stdout), "run `deno task types`");
  });
});

// A procedure that commits cannot set its path: maintain() names the schema of all it uses.
const EXCEPTIONS = ["Function `jobforge.maintain` has a role mutable search_path"];

for (const type of ["security", "performance"]) {
  Deno.test(`supabase db advisors finds nothing at WARN about ${type}`, async () => {
    await withDatabase(async ({ url }) => {
      const { stdout, stderr } = await supabase(
        url,
        "db",
        "advisors",
        "--type",
        type,
        "--level",
        "warn",
        "-o",
        "json",
      );
      const findings = JSON.parse(stdout.trim() || "[]");
      const unexpected = findings
        .map((each: { detail: string }) => each.detail)
        .filter((detail: string) => !EXCEPTIONS.includes(detail));
      assert.deepEqual(unexpected, [], stderr);
    });
  });
}

async function countMigrations(): Promise<number> {
  return (await Array.fromAsync(Deno.readDir(`${ROOT}supabase/migrations`))).length;
}

async function formatted(source: string): Promise<string> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["fmt", "--ext", "ts", "--line-width", "100", "-"],
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(source));
  await writer.close();
  return new TextDecoder().decode((await child.output()).stdout);
}

/** Writes shared/database.types.ts anew: `deno task types`. */
if (import.meta.main && Deno.args[0] === "write-types") {
  await withDatabase(async ({ url }) => {
    const { stdout } = await supabase(url, "gen", "types", "-s", "public", "--lang", "typescript");
    await Deno.writeTextFile(`${ROOT}shared/database.types.ts`, await formatted(stdout));
  });
}
