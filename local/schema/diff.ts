import type { Sql } from "../postgres/database.ts";
import { catalogSnapshot, differences } from "./catalog_snapshot.ts";
import type { SchemaFolders } from "./migration.ts";
import { planDifference, type PlannedDifference } from "./plan.ts";
import { type ScratchOptions, withRelease, withSchemas } from "./scratch.ts";

/** The way from a release to the schema files. */
export interface SchemaDifference {
  /** The planned migration, empty when pg-delta finds no difference. */
  sql: string;
  /** What still differs after the plan was applied to the release. See `differences`. */
  remaining: string[];
}

/**
 * Plans the difference from a release to the schema files, applies it to a database of that
 * release, and compares the result with a database of the schema files.
 * Throws UnknownVersion, and the error of Postgres when the plan does not apply.
 */
export function schemaDifference(
  folders: SchemaFolders,
  version: string,
  options: ScratchOptions = {},
): Promise<SchemaDifference> {
  return withRelease(
    folders,
    version,
    (old) =>
      withSchemas(folders, async (fresh) => {
        const plan = await planDifference(old.adminUrl, fresh.adminUrl);
        const sql = migrationText(version, plan);
        if (sql !== "") await apply(old.sql, sql);
        const [before, after] = [old.adminUrl, fresh.adminUrl].map(catalogSnapshot);
        return { sql, remaining: differences(await before!, await after!) };
      }, options),
    options,
  );
}

/** As the role that owns the objects, in one transaction, like every migration. */
async function apply(sql: Sql, text: string): Promise<void> {
  await sql.begin((transaction) => transaction.unsafe(text));
}

/** Returns the plan as a migration. Its header lists what a reader must decide about. */
export function migrationText(version: string, { actions, warnings }: PlannedDifference): string {
  if (actions.length === 0) return "";
  const notes = actions.flatMap((action) => {
    const [line = ""] = action.sql.split("\n");
    return [
      ...(action.dataLoss === "none" ? [] : [`-- Deletes data: ${line}`]),
      ...(action.rewriteRisk ? [`-- May rewrite a table: ${line}`] : []),
      ...(action.transactionality === "transactional" ? [] : [`-- Needs its own file: ${line}`]),
    ];
  });
  return [
    `-- From JobForge ${version} to supabase/schemas, planned by \`deno task schema diff\`. Read each`,
    "-- statement before you release it.",
    ...notes,
    ...warnings.map((warning) => `-- Not planned: ${warning}`),
    "",
    "set lock_timeout = '1s';",
    "set check_function_bodies = off;",
    "",
    ...actions.map(({ sql }) => `${sql.trimEnd().replace(/;$/, "")};\n`),
    "reset check_function_bodies;",
    "reset lock_timeout;",
    "",
  ].join("\n");
}
