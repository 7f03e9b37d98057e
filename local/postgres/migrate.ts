import { join } from "node:path";
import { StackError } from "../errors.ts";
import { textHash } from "./bootstrap.ts";
import { connect, type Sql } from "./database.ts";

/** Where a project keeps its SQL. */
export interface MigrationSources {
  /** Folder of `<version>_<name>.sql` files. A missing folder holds none. */
  migrations?: string;
  /** File that runs once, after the first migrations, if it exists. */
  seed?: string;
}

interface Migration {
  version: string;
  name: string;
  text: string;
  hash: string;
}

/**
 * Applies the migrations that are not applied yet, each in one transaction, and returns their
 * versions. `url` belongs to the role `postgres`.
 * Throws DATA_OUTDATED if an applied file was edited, MIGRATION_FAILED with the place of the error.
 */
export async function migrate(url: string, sources: MigrationSources): Promise<string[]> {
  const sql = connect(url);
  try {
    const pending = await findPending(sql, await readMigrations(sources.migrations));
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
    migrations.push({ version, name, text, hash: await textHash(text) });
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
  for (const { version, name, hash } of migrations) {
    const before = applied.get(version);
    if (before && before !== hash) throw edited(`${version}_${name}.sql`);
  }
  return migrations.filter(({ version }) => !applied.has(version));
}

async function apply(sql: Sql, migration: Migration): Promise<void> {
  const { version, name, text, hash } = migration;
  const statements = splitStatements(text);
  try {
    // CREATE INDEX CONCURRENTLY refuses a transaction. The Supabase CLI runs such a file without.
    if (/\bconcurrently\b/i.test(withoutComments(text))) {
      for (const statement of statements) await sql.unsafe(statement);
      await record(sql);
    } else {
      await sql.begin(async (transaction) => {
        await transaction.unsafe(text);
        await record(transaction as unknown as Sql);
      });
    }
  } catch (cause) {
    throw failed(`${version}_${name}.sql`, text, cause);
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

async function seed(sql: Sql, file: string): Promise<void> {
  const text = await Deno.readTextFile(file).catch(() => undefined);
  if (text === undefined) return;
  try {
    await sql.begin(async (transaction) => {
      const [todo] = await transaction`
        update jobforge_local.bootstrap set seeded_at = now() where seeded_at is null returning true
      `;
      if (todo) await transaction.unsafe(text);
    });
  } catch (cause) {
    throw failed(file, text, cause);
  }
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

function failed(file: string, text: string, cause: unknown): StackError {
  const { message, position, detail, hint, where } = cause as Record<string, string | undefined>;
  const line = position ? text.slice(0, Number(position)).split("\n").length : undefined;
  const place = line ? `${file}:${line}` : file;
  return new StackError(
    "MIGRATION_FAILED",
    [`${place}: ${message}`, detail, hint, where].filter(Boolean).join("\n  "),
    "The file was rolled back. Correct it and start again.",
    { cause },
  );
}
