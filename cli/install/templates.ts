import { definitionsIn, handlersIn, type Layout } from "./layout.ts";

/** The functions by what they do. */
export const FUNCTIONS = ["worker", "enqueue", "webhooks"] as const;

/** What a function does. */
export type FunctionKind = typeof FUNCTIONS[number];

const entryPoints = (jobs: string): Record<FunctionKind, string> => ({
  worker: `\
import { serveWorker } from "../_jobforge/edge.js";
import { handlers } from "${jobs}/handlers.ts";

serveWorker({ handlers });
`,
  enqueue: `\
import { serveEnqueue } from "../_jobforge/edge.js";
import { definitions } from "${jobs}/definitions.ts";

serveEnqueue({ definitions });
`,
  webhooks: `\
import { serveWebhooks } from "../_jobforge/edge.js";

serveWebhooks();
`,
});

/** Returns the files of a function by path. `zod` is a version or a range. */
export function functionFiles(
  { functions, imports: { jobsFromFunction } }: Layout,
  kind: FunctionKind,
  slug: string,
  zod: string,
): [string, string][] {
  const folder = `${functions}/${slug}`;
  const imports = kind === "webhooks" ? {} : { zod: `npm:zod@${zod}` };
  return [
    [`${folder}/index.ts`, entryPoints(jobsFromFunction)[kind]],
    [`${folder}/deno.json`, `${JSON.stringify({ imports }, null, 2)}\n`],
  ];
}

/** Returns the two job files by path, with one example job. */
export function jobFiles(layout: Layout): [string, string][] {
  const runtime = `${layout.imports.runtimeFromJobs}/index.js`;
  return [[definitionsIn(layout), definitions(runtime)], [handlersIn(layout), handlers(runtime)]];
}

const definitions = (runtime: string) =>
  `\
// Job types: what your app and the functions share. Import nothing here that only the worker needs.
import * as z from "zod";
import { defineJob } from "${runtime}";

export const helloSay = defineJob({
  type: "hello.say",
  payload: z.object({ name: z.string() }),
  result: z.object({ greeting: z.string() }),
});

export const definitions = [helloSay];
`;

const handlers = (runtime: string) =>
  `\
// Handlers: only the worker imports this file.
import { handle } from "${runtime}";
import { helloSay } from "./definitions.ts";

const handleHelloSay = handle(helloSay, ({ name }) => {
  return { greeting: \`Hello, \${name}!\` };
});

export const handlers = [handleHelloSay];
`;

/** Returns the package.json of the vendored runtime. Without it Node would read CommonJS. */
export function runtimeManifest(version: string): string {
  const manifest = { name: "jobforge", version, private: true, license: "MIT", type: "module" };
  return `${JSON.stringify({ ...manifest, sideEffects: false }, null, 2)}\n`;
}
