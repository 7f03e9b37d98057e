import { FUNCTIONS } from "./templates.ts";

/** What stands in files that use the vendored runtime, and in those that use the npm package. */
const IMPORTS: readonly [vendored: RegExp, fromNpm: string][] = [
  [/"(?:\.\.\/)+(?:functions\/)?_jobforge\/index\.js"/g, '"jobforge"'],
  [/"(?:\.\.\/)+(?:functions\/)?_jobforge\/edge\.js"/g, '"jobforge/edge"'],
];

/**
 * Returns the text of a file of a function, or of the job files, as it is when the runtime comes from
 * npm. A deno.json maps the imports, and the app finds them in its `node_modules`.
 */
export function fromNpm(path: string, text: string, version: string): string {
  if (!path.endsWith("deno.json")) {
    return IMPORTS.reduce((left, [vendored, npm]) => left.replace(vendored, npm), text);
  }
  const { imports, ...rest } = JSON.parse(text);
  const own = {
    "jobforge": `npm:jobforge@${version}`,
    "jobforge/edge": `npm:jobforge@${version}/edge`,
  };
  return `${JSON.stringify({ ...rest, imports: { ...imports, ...own } }, null, 2)}\n`;
}

/** Returns what is left to do in the app. */
export function npmNote(version: string): string {
  return `the ${FUNCTIONS.length} functions and supabase/jobs import the npm package: run npm install ` +
    `jobforge@${version} in the app, whose client is then jobforge/client`;
}
