import { applyEdits, modify, parse } from "jsonc-parser";
import { HANDLERS_FILE } from "./templates.ts";

/** Files for Deno, whose imports end in `.ts`. A compiler of the app rejects those. */
const FOR_DENO = ["supabase/functions", HANDLERS_FILE];
const USUAL = ["node_modules"];
const FORMAT = { formattingOptions: { insertSpaces: true, tabSize: 2 } };

/**
 * Returns a tsconfig.json of the project's root that leaves the files for Deno out, with its
 * comments. Returns the same text if it does not reach them.
 */
export function excludeDenoFiles(text: string): string {
  const config = parse(text);
  if (typeof config !== "object" || config === null || !reachesAll(config)) return text;
  const excluded: string[] = config.exclude ?? USUAL;
  const plain = excluded.map((each) => each.replace(/^\.\//, "").replace(/\/(\*\*?(\/\*)?)?$/, ""));
  const missing = FOR_DENO.filter((each) => !plain.includes(each) && !plain.includes("supabase"));
  if (missing.length === 0) return text;
  return applyEdits(text, modify(text, ["exclude"], [...excluded, ...missing], FORMAT));
}

function reachesAll({ files, include }: { files?: string[]; include?: string[] }): boolean {
  if (include === undefined) return files === undefined;
  return include.some((each) => /^(\.\/)?(\*|\.$|supabase)/.test(each));
}
