/** JobForge's schema in a database of tests. Runs in Node and Deno. */
import { readFile } from "node:fs/promises";

/** Runs SQL of several statements as a superuser, always on the same connection. */
export type Execute = (sql: string) => Promise<unknown>;

const SCHEMA = new URL("../sql/testing.sql", import.meta.url);

/**
 * Makes an empty database like a Supabase project with JobForge: roles, `auth`, JobForge's schema,
 * and stand-ins for pg_cron, pg_net and Vault, which keep what they get and make no calls. All of it or
 * nothing is done. Runs on Postgres 15 and later, and on PGlite.
 */
export async function installSchema(execute: Execute): Promise<void> {
  const text = await readFile(SCHEMA, "utf8");
  try {
    await execute(`begin;\n${text}\ncommit;`);
  } catch (thrown) {
    await execute("rollback").catch(() => {});
    throw thrown;
  }
}

/** Lets the database's time stand still, or go on with undefined. Jobs become due by it. */
export async function setTime(execute: Execute, time: Date | string | undefined): Promise<void> {
  const value = time === undefined ? "clock_timestamp()" : `'${isoOf(time)}'::timestamptz`;
  await execute(`create or replace function jobforge.clock() returns timestamptz
    language plpgsql volatile set search_path = pg_catalog, pg_temp
    as $$ begin return ${value}; end $$`);
}

function isoOf(time: Date | string): string {
  const date = new Date(time);
  if (Number.isNaN(date.getTime())) throw new RangeError(`time must be ISO 8601, not ${time}`);
  return date.toISOString();
}
