import { applyEdits, modify, parse } from "jsonc-parser";
import { posix } from "node:path";
import { CLI_LAYOUT, handlersIn } from "./layout.ts";

/** Files for Deno, whose imports end in `.ts`. A compiler of the app rejects those. */
const FOR_DENO = [CLI_LAYOUT.functions, handlersIn(CLI_LAYOUT)];
const USUAL = ["node_modules"];
const FORMAT = { formattingOptions: { insertSpaces: true, tabSize: 2 } };

/**
 * Returns a tsconfig.json that leaves the files for Deno out, with its comments. Returns the same
 * text if it does not reach them. `project` is the path from its folder to the project, or empty.
 */
export function excludeDenoFiles(text: string, project: string): string {
  const config = parse(text);
  if (typeof config !== "object" || config === null) return text;
  if (!reaches(config, posix.join(project, "supabase"))) return text;
  const excluded: string[] = config.exclude ?? USUAL;
  const plain = excluded.map(plainPath);
  const missing = FOR_DENO.map((each) => posix.join(project, each))
    .filter((each) => !plain.some((path) => isBelow(each, path)));
  if (missing.length === 0) return text;
  return applyEdits(text, modify(text, ["exclude"], [...excluded, ...missing], FORMAT));
}

function plainPath(pattern: string): string {
  return pattern.replace(/^\.\//, "").replace(/\/(\*\*?(\/\*)?)?$/, "");
}

function isBelow(path: string, folder: string): boolean {
  return path === folder || path.startsWith(`${folder}/`);
}

function reaches(
  { files, include }: { files?: string[]; include?: string[] },
  folder: string,
): boolean {
  if (include === undefined) return files === undefined;
  return include.some((each) => {
    const [first = ""] = plainPath(each).split("*");
    const start = first.replace(/\/$/, "");
    return start === "" || start === "." || isBelow(folder, start) || isBelow(start, folder);
  });
}
