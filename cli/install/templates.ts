/** Where the runtime is. A folder that begins with _ is not deployed as a function. */
export const RUNTIME_FOLDER = "supabase/functions/_jobforge";

/** Declarations of job types, for the app and the functions. */
export const DEFINITIONS_FILE = "supabase/jobs/definitions.ts";

/** Handlers, for the worker alone. */
export const HANDLERS_FILE = "supabase/jobs/handlers.ts";

/** The functions by what they do. */
export const FUNCTIONS = ["worker", "enqueue", "webhooks"] as const;

/** What a function does. */
export type FunctionKind = typeof FUNCTIONS[number];

const ENTRY_POINTS: Record<FunctionKind, string> = {
  worker: `\
import { serveWorker } from "../_jobforge/edge.js";
import { handlers } from "../../jobs/handlers.ts";

serveWorker({ handlers });
`,
  enqueue: `\
import { serveEnqueue } from "../_jobforge/edge.js";
import { definitions } from "../../jobs/definitions.ts";

serveEnqueue({ definitions });
`,
  webhooks: `\
import { serveWebhooks } from "../_jobforge/edge.js";

serveWebhooks();
`,
};

/** Returns the files of a function by path. `zod` is a version or a range. */
export function functionFiles(kind: FunctionKind, slug: string, zod: string): [string, string][] {
  const folder = `supabase/functions/${slug}`;
  const imports = kind === "webhooks" ? {} : { zod: `npm:zod@${zod}` };
  return [
    [`${folder}/index.ts`, ENTRY_POINTS[kind]],
    [`${folder}/deno.json`, `${JSON.stringify({ imports }, null, 2)}\n`],
  ];
}

/** One example job: its declaration. */
export const DEFINITIONS = `\
// Job types: what your app and the functions share. Import nothing here that only the worker needs.
import * as z from "zod";
import { defineJob } from "../functions/_jobforge/index.js";

export const helloSay = defineJob({
  type: "hello.say",
  payload: z.object({ name: z.string() }),
  result: z.object({ greeting: z.string() }),
});

export const definitions = [helloSay];
`;

/** One example job: its handler. */
export const HANDLERS = `\
// Handlers: only the worker imports this file.
import { handle } from "../functions/_jobforge/index.js";
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
