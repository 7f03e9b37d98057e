import assert from "node:assert/strict";
import { withDatabase } from "../../../local/test/test_database.ts";

Deno.test("in public stands nothing but what bears the name JobForge", () =>
  withDatabase(async ({ sql }) => {
    const rows = await sql`
      select c.oid::regclass::text as name from pg_class as c
      where c.relnamespace = 'public'::regnamespace and c.relkind not in ('i', 'I', 't')
        and c.relname !~ '^jobforge_'
      union all
      select p.oid::regprocedure::text from pg_proc as p
      where p.pronamespace = 'public'::regnamespace and p.proname !~ '^jobforge_'`;
    assert.deepEqual(rows.map(({ name }) => name), []);
  }));

Deno.test("no function of the owner runs with its rights outside of the internal schema", () =>
  withDatabase(async ({ sql }) => {
    const rows = await sql`
      select p.oid::regprocedure::text as name from pg_proc as p
      where p.prosecdef and p.proowner = 'postgres'::regrole
        and p.pronamespace <> 'jobforge'::regnamespace`;
    assert.deepEqual(rows.map(({ name }) => name), []);
  }));
