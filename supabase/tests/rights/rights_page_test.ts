import assert from "node:assert/strict";
import { type TestDatabase, withDatabase } from "../../../local/test/test_database.ts";

const PAGE = new URL("../../../docs/rights.md", import.meta.url);

Deno.test("the rights page lists every function with its callers, and no other", async () => {
  const listed = functionsOf(await Deno.readTextFile(PAGE));
  await withDatabase(async ({ sql }) => {
    assert.deepEqual(listed, await functionsIn(sql));
  });
});

Deno.test("the rights page lists every table that a tenant reads, and no other", async () => {
  const listed = rowsOf((await Deno.readTextFile(PAGE)).split("## Tables that tenants read")[1]!)
    .map(([relation, hidden]) => `${relation} without ${hidden}`).sort();
  await withDatabase(async ({ sql }) => {
    const rows = await sql<{ relation: string }[]>`
      select format('%s without %s', c.oid::regclass, string_agg(
        a.attname, ', ' order by a.attnum) filter (
        where not has_column_privilege('authenticated', c.oid, a.attnum, 'select'))) as relation
      from pg_class as c join pg_attribute as a on a.attrelid = c.oid and a.attnum > 0
      where c.relkind in ('r', 'p', 'v') and not a.attisdropped
        and c.relnamespace in ('jobforge'::regnamespace, 'public'::regnamespace)
        and c.oid::regclass::text like 'jobforge%'
        and has_any_column_privilege('authenticated', c.oid, 'select')
      group by c.oid
    `;
    assert.deepEqual(listed, rows.map(({ relation }) => relation).sort());
  });
});

const ROLES: Record<string, string> = {
  Users: "authenticated, service_role",
  Policies: "authenticated, service_role",
  Workers: "service_role",
  Webhooks: "service_role",
  Operators: "service_role",
  Database: "",
};

/** Each function of the page with its callers, and whether it runs as its owner. */
function functionsOf(page: string): string[] {
  const functions = page.split("## Functions")[1]!.split("\n## ")[0]!;
  const lines = functions.split("\n### ").slice(1).flatMap((section) => {
    const roles = ROLES[section.split("\n")[0]!];
    assert.ok(roles !== undefined, `an unknown audience: ${section.split("\n")[0]}`);
    return rowsOf(section).flatMap(([name, runs, why, bound]) => {
      assert.ok(why && bound, `${name} has no reason or no bound`);
      if (!runs!.startsWith("jobforge.")) return [line(name!, roles, runs === "as its owner")];
      return [line(name!, roles, false), line(runs!, roles, true)];
    });
  });
  return [...new Set(lines)].sort();
}

async function functionsIn(sql: TestDatabase["sql"]): Promise<string[]> {
  const rows = await sql<{ name: string; roles: string; definer: boolean }[]>`
    select p.oid::regproc::text as name, p.prosecdef as definer, coalesce((
      select string_agg(a.grantee::regrole::text, ', ' order by a.grantee::regrole::text)
      from aclexplode(p.proacl) as a where a.grantee <> p.proowner), '') as roles
    from pg_proc as p
    where p.pronamespace in ('jobforge'::regnamespace, 'public'::regnamespace)
      and p.oid::regproc::text like 'jobforge%'
  `;
  return rows.filter(({ name, roles, definer }) =>
    definer || roles !== "" || name.startsWith("jobforge_")
  ).map(({ name, roles, definer }) => line(name, roles, definer)).sort();
}

function line(name: string, roles: string, definer: boolean): string {
  return `${name} for ${roles || "no role"}, as its ${definer ? "owner" : "caller"}`;
}

/** The rows of the tables in a text, without headings and backticks. */
function rowsOf(text: string): string[][] {
  return text.split("\n").filter((row) => row.startsWith("| `"))
    .map((row) => row.split("|").slice(1, -1).map((cell) => cell.trim().replaceAll("`", "")));
}
