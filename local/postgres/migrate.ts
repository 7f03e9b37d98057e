import { join } from "node:path";
import { StackError } from "../errors.ts";
import { textHash } from "./bootstrap.ts";
import { connect, type Sql } from "./database.ts";
import {
  EXTENSION_HINT,
  missingExtensions,
  missingPiece,
  nameOf,
  withoutPassedOver,
} from "./missing_piece.ts";

/** Where a project keeps its SQL. */
export interface MigrationSources {
  /** Folder of `<version>_<name>.sql` files. A missing folder holds none. */
  migrations?: string;
  /** Files that run once, after the first migrations, those that exist. */
  seed?: string | readonly string[];
}

interface Migration {
  file: string;
  version: string;
  name: string;
  text: string;
  statements: string[];
  hash: string;
}

/**
 * Applies the migrations that are not applied yet, each in one transaction, and returns their
 * versions. `url` belongs to the role `postgres`.
 * Throws DATA_OUTDATED if an applied file was edited, MIGRATION_FAILED with the place of the error,
 * and MIGRATION_FAILED before any of them runs if this Postgres lacks an extension.
 */
export async function migrate(url: string, sources: MigrationSources): Promise<string[]> {
  const sql = connect(url);
  try {
    const pending = await findPending(sql, await readMigrations(sources.migrations));
    await requireExtensions(sql, pending);
    for (const migration of pending) await apply(sql, migration);
    if (sources.seed) await seed(sql, sources.seed);
    return pending.map(({ version }) => version);
  } finally {
    await sql.end();
  }
}

async function readMigrations(folder: string | undefined): Promise<Migration[]> {
  const migrations: Migration[] = [];
  if (folder === undefined) return migrations;
  const files = await Array.fromAsync(Deno.readDir(folder)).catch(() => []);
  for (const { name: file } of files) {
    const match = /^(\d+)_(.+)\.sql$/.exec(file);
    if (!match) continue;
    const text = await Deno.readTextFile(join(folder, file));
    const [, version = "", name = ""] = match;
    const statements = splitStatements(text);
    migrations.push({ file, version, name, text, statements, hash: await textHash(text) });
  }
  return migrations.sort((a, b) => a.version < b.version ? -1 : 1);
}

async function findPending(sql: Sql, migrations: Migration[]): Promise<Migration[]> {
  const rows = await sql<{ version: string; text_hash: string | null }[]>`
    select version, text_hash
    from supabase_migrations.schema_migrations
    left join jobforge_local.migrations using (version)
  `;
  const applied = new Map(rows.map((row) => [row.version, row.text_hash]));
  for (const { file, version, hash } of migrations) {
    const before = applied.get(version);
    if (before && before !== hash) throw edited(file);
  }
  return migrations.filter(({ version }) => !applied.has(version));
}

/** All that is missing at once, and before anything is applied. */
async function requireExtensions(sql: Sql, pending: Migration[]): Promise<void> {
  const missing = await missingExtensions(sql, pending);
  if (missing.length === 0) return;
  const lines = missing.map(({ file, extension }) => `${file}: extension ${nameOf(extension)}`);
  const message = `This Postgres lacks what migrations need:\n  ${lines.join("\n  ")}`;
  throw new StackError("MIGRATION_FAILED", message, `Nothing was applied. ${EXTENSION_HINT}`);
}

async function apply(sql: Sql, migration: Migration): Promise<void> {
  const { file, version, name, text, statements, hash } = migration;
  const runnable = withoutPassedOver(text, statements);
  // CREATE INDEX CONCURRENTLY refuses a transaction. The Supabase CLI runs such a file without.
  const isSplit = /\bconcurrently\b/i.test(withoutComments(text));
  let ended = 0;
  try {
    if (isSplit) {
      for (const statement of splitStatements(runnable)) {
        await sql.unsafe(statement);
        ended++;
      }
      await record(sql);
    } else {
      await sql.begin(async (transaction) => {
        await transaction.unsafe(runnable);
        await record(transaction as unknown as Sql);
      });
    }
  } catch (cause) {
    throw failed(file, text, cause, ended);
  }

  async function record(connection: Sql): Promise<void> {
    await connection`
      insert into supabase_migrations.schema_migrations (version, statements, name)
      values (${version}, ${statements}, ${name})
    `;
    await connection`
      insert into jobforge_local.migrations (version, text_hash) values (${version}, ${hash})
    `;
  }
}

/** Runs all seeds in one transaction, once for a database. */
async function seed(sql: Sql, given: string | readonly string[]): Promise<void> {
  const texts: [file: string, text: string][] = [];
  for (const file of [given].flat()) {
    const text = await Deno.readTextFile(file).catch(() => undefined);
    if (text !== undefined) texts.push([file, text]);
  }
  if (texts.length === 0) return;
  await sql.begin(async (transaction) => {
    const [todo] = await transaction`
      update jobforge_local.bootstrap set seeded_at = now() where seeded_at is null returning true
    `;
    if (!todo) return;
    for (const [file, text] of texts) {
      await transaction.unsafe(text).catch((cause) => {
        throw failed(file, text, cause, 0);
      });
    }
  });
}

const TOKENS =
  /'(?:[^']|'')*'|"(?:[^"]|"")*"|\$(\w*)\$[^]*?\$\1\$|--[^\n]*|\/\*[^]*?\*\/|\bbegin\s+atomic\b[^]*?\bend\s*(?=;)|;|[^]/giy;

/** Splits a migration at its semicolons, outside of strings, bodies and comments. */
export function splitStatements(text: string): string[] {
  const statements: string[] = [];
  let statement = "";
  for (const [token] of text.matchAll(TOKENS)) {
    if (token !== ";") statement += token;
    else {
      statements.push(statement.trim());
      statement = "";
    }
  }
  return [...statements, statement.trim()].filter((text) => withoutComments(text).trim() !== "");
}

function withoutComments(text: string): string {
  return text.replace(/--[^\n]*|\/\*[^]*?\*\//g, "");
}

function edited(file: string): StackError {
  return new StackError(
    "DATA_OUTDATED",
    `${file} was applied to the local database and has been edited since.`,
    "Run `deno task reset` (deletes the local data), then start again.",
  );
}

function failed(file: string, text: string, cause: unknown, ended: number): StackError {
  const { message, position, detail, hint, where } = cause as Record<string, string | undefined>;
  const line = position ? text.slice(0, Number(position)).split("\n").length : undefined;
  const place = line ? `${file}:${line}` : file;
  const piece = missingPiece(message ?? "");
  const undone = ended === 0
    ? "The file was rolled back."
    : `The file runs without a transaction, and its first ${ended} statements are in the database: ` +
      "start over with `deno task reset` (deletes the local data).";
  return new StackError(
    "MIGRATION_FAILED",
    [
      piece && `${file} needs ${piece.name}, which is not here.`,
      ...[`${place}: ${message}`, detail, hint, where],
    ].filter(Boolean).join("\n  "),
    piece ? `${undone} ${piece.hint}` : `${undone} Correct it and start again.`,
    { cause },
  );
}
