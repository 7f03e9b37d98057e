import { parse } from "smol-toml";
import { JobForgeError } from "../../shared/core/errors.ts";
import { inLineEndsOf } from "./merge.ts";

type Table = Record<string, unknown>;

const COMMENT =
  "# JobForge: these functions authenticate in code, because the new API keys are no JWTs.";

/**
 * Returns `config.toml` with a section for each function that has none. Everything else stays, byte
 * by byte. Throws `wrong_state` where a section of the project would stop the function.
 */
export function addFunctionSections(text: string, slugs: readonly string[]): string {
  const before = tableOf(text);
  const sections = (before.functions ?? {}) as Record<string, Table>;
  for (const slug of slugs) {
    if (slug in sections && sections[slug]!.verify_jwt !== false) {
      throw rejected(`set verify_jwt = false in [functions.${slug}] of supabase/config.toml`);
    }
  }
  const missing = slugs.filter((slug) => !(slug in sections));
  if (missing.length === 0) return text;
  const added = [COMMENT, ...missing.map(sectionOf)].join("\n");
  const gap = text === "" || text.endsWith("\n") ? "" : "\n";
  const after = inLineEndsOf(text, `${gap}\n${added}`);
  return checked(text + after, missing);
}

/** Returns `config.toml` without the sections that were added, where they still stand so. */
export function removeFunctionSections(text: string, slugs: readonly string[]): string {
  let left = text;
  for (const slug of slugs) left = left.replace(inLineEndsOf(text, sectionOf(slug)), "");
  const comment = inLineEndsOf(text, `\n${COMMENT}\n`);
  const at = left.indexOf(comment);
  if (at === -1) return left;
  const rest = left.slice(at + comment.length).replace(/^\s*/, "");
  return left.slice(0, at) + (rest === "" ? "" : inLineEndsOf(text, "\n") + rest);
}

/** Returns whether `schema_paths` takes a file of `supabase/schemas`. Without paths all are. */
export function loadsSchema(text: string, file: string): boolean {
  const { db } = tableOf(text) as { db?: { migrations?: { schema_paths?: string[] } } };
  const paths = db?.migrations?.schema_paths ?? [];
  const names = paths.map((path) => path.replace(/^(\.\/)?schemas\//, ""));
  return names.length === 0 || names.some((name) => name === "*.sql" || name === file);
}

function sectionOf(slug: string): string {
  return `[functions.${slug}]
verify_jwt = false
import_map = "./functions/${slug}/deno.json"
`;
}

/** Returns the new text if it is TOML and has the sections. */
function checked(text: string, slugs: readonly string[]): string {
  try {
    const { functions } = parse(text) as { functions: Record<string, Table> };
    if (slugs.every((slug) => functions[slug]!.verify_jwt === false)) return text;
  } catch {
    // Rejected below: for example `functions` is a table in one line.
  }
  throw rejected(
    `supabase/config.toml cannot be extended: add by hand\n${slugs.map(sectionOf).join("\n")}`,
  );
}

function tableOf(text: string): Table {
  try {
    return parse(text) as Table;
  } catch (thrown) {
    throw rejected(`supabase/config.toml is no valid TOML: ${(thrown as Error).message}`);
  }
}

function rejected(message: string): JobForgeError {
  return new JobForgeError("wrong_state", message);
}
