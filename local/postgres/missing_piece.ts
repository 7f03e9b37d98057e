import type { Sql } from "./database.ts";

/**
 * Extensions of a hosted project whose statement is passed over: the bootstrap has the objects of
 * the first three, and of the others a migration calls nothing as a rule.
 */
const PASSED_OVER = new Set([
  ...["pg_cron", "pg_net", "supabase_vault"],
  ...["pg_graphql", "pg_stat_statements", "pgjwt", "pgsodium"],
]);

const CREATE_EXTENSION = /^create\s+extension\s+(?:if\s+not\s+exists\s+)?"?([\w-]+)"?/i;

/** What each schema of the platform belongs to, where the local stack has none of it. */
const SCHEMAS: Record<string, string> = {
  storage: "Storage",
  realtime: "Realtime",
  graphql: "GraphQL",
  graphql_public: "GraphQL",
  pgmq: "the extension pgmq",
  supabase_functions: "database webhooks",
};

/** The extension that each type is of. */
const TYPES: Record<string, string> = {
  ...{ vector: "vector", halfvec: "vector", sparsevec: "vector" },
  ...{ geometry: "postgis", geography: "postgis", h3index: "h3" },
};

/** Something that a migration needs and this Postgres has not. */
export interface MissingPiece {
  /** In words, such as `the extension vector (pgvector)`. */
  name: string;
  /** What to do about it. */
  hint: string;
}

/** Returns the extension that a statement creates, unless it is passed over. */
function extensionOf(statement: string): string | undefined {
  const name = CREATE_EXTENSION.exec(uncommented(statement))?.[1]?.toLowerCase();
  return name !== undefined && !PASSED_OVER.has(name) ? name : undefined;
}

/** Returns a migration with blanks in the place of statements that are passed over. */
export function withoutPassedOver(text: string, statements: readonly string[]): string {
  let left = text;
  for (const statement of statements) {
    const name = CREATE_EXTENSION.exec(uncommented(statement))?.[1]?.toLowerCase();
    if (name === undefined || !PASSED_OVER.has(name)) continue;
    // Line numbers of errors stay.
    left = left.replace(statement, () => statement.replace(/[^\n]/g, " "));
  }
  return left;
}

/** Returns the extensions that migrations create and this Postgres cannot, each with its file. */
export async function missingExtensions(
  sql: Sql,
  migrations: readonly { file: string; statements: readonly string[] }[],
): Promise<{ file: string; extension: string }[]> {
  const wanted = migrations.flatMap(({ file, statements }) =>
    statements.map(extensionOf).filter((each) => each !== undefined)
      .map((extension) => ({ file, extension }))
  );
  if (wanted.length === 0) return [];
  const rows = await sql<{ name: string }[]>`select name from pg_available_extensions`;
  const available = new Set(rows.map(({ name }) => name));
  return wanted.filter(({ extension }) => !available.has(extension));
}

/** Returns an extension by the name that people use. */
export function nameOf(extension: string): string {
  const known: Record<string, string> = { vector: "pgvector", postgis: "PostGIS" };
  return known[extension] ? `${extension} (${known[extension]})` : extension;
}

/** How a project gets an extension that this Postgres has not. */
export const EXTENSION_HINT = "Run the project on a Postgres that has it, with the URL of a " +
  "superuser: `deno task dev --db postgresql://…`. The server of `supabase start` has most.";

/** Returns the piece that is missing where a statement failed, if its error names one. */
export function missingPiece(message: string): MissingPiece | undefined {
  const extension = /extension "([\w-]+)"(?: is not available|$)/.exec(message)?.[1] ??
    TYPES[/type "(?:\w+\.)?(\w+)(?:\(.*\))?" does not exist/.exec(message)?.[1] ?? ""];
  if (extension) return { name: `the extension ${nameOf(extension)}`, hint: EXTENSION_HINT };
  const schema = /schema "(\w+)" does not exist/.exec(message)?.[1] ??
    /(?:relation|function) "?(\w+)\./.exec(message)?.[1] ?? "";
  const owner = SCHEMAS[schema];
  if (owner) {
    return {
      name: `the schema ${schema} of ${owner}`,
      hint:
        `Run these statements only where it is: do $$ begin if to_regnamespace('${schema}') is ` +
        "not null then … end if; end $$;",
    };
  }
  const publication = /publication "(\w+)" does not exist/.exec(message)?.[1];
  if (!publication) return undefined;
  return {
    name: `the publication ${publication}`,
    hint: `Run these statements only where it is: do $$ begin if exists (select from ` +
      `pg_publication where pubname = '${publication}') then … end if; end $$;`,
  };
}

function uncommented(statement: string): string {
  return statement.replace(/--[^\n]*|\/\*[^]*?\*\//g, "").trim();
}
