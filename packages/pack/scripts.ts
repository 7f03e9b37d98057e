import { basename } from "node:path";
import * as esbuild from "esbuild";

/** Imports of the package, in the order of the documentation. */
export const ENTRIES = ["index", "client", "edge", "testing", "react"] as const;

/** The scripts of the package, and what went into each. */
export interface Scripts {
  /** Texts by path in the package. */
  files: Map<string, string>;
  /** Paths of the sources, relative to the workspace, by path in the package. */
  inputs: Map<string, string[]>;
}

const OPTIONS = {
  bundle: true,
  format: "esm",
  target: "es2022",
  charset: "utf8",
  external: ["node:*", "react"],
  legalComments: "none",
  logLevel: "silent",
  metafile: true,
  write: false,
} as const satisfies esbuild.BuildOptions;

const PARTS_OF_NODE = ["crypto", "fs", "net", "os", "perf_hooks", "stream", "tls"];

/**
 * Bundles the entries and the command line. The entries share chunks: an error class must be one
 * and the same for a handler and for the worker that catches it.
 */
export async function buildScripts(root: string): Promise<Scripts> {
  const source = (name: string) => `packages/jobforge/${name}.ts`;
  const library = await esbuild.build({
    ...OPTIONS,
    absWorkingDir: root,
    entryPoints: ENTRIES.map(source),
    outdir: "dist",
    splitting: true,
    platform: "neutral",
    mainFields: ["module", "main"],
  });
  // Beside `dist`, which is vendored: it reads a file of the package.
  const testing = await esbuild.build({
    ...OPTIONS,
    absWorkingDir: root,
    entryPoints: { postgres: source("testing_postgres") },
    outdir: "testing",
    platform: "node",
  });
  const commandLine = await esbuild.build({
    ...OPTIONS,
    absWorkingDir: root,
    // The second is the thread of a worker. The first loads it by its name.
    entryPoints: { jobforge: source("cli"), attendant_thread: "cli/worker/attendant_thread.ts" },
    outdir: "bin",
    splitting: true,
    platform: "node",
    target: "node20",
    mainFields: ["module", "main"],
    // postgres.js names them without a prefix, which Deno does not take.
    alias: Object.fromEntries(PARTS_OF_NODE.map((name) => [name, `node:${name}`])),
    banner: { js: "#!/usr/bin/env node" },
  });
  await esbuild.stop();
  const scripts: Scripts = { files: new Map(), inputs: new Map() };
  for (const { outputFiles, metafile } of [library, testing, commandLine]) {
    for (const { path, text } of outputFiles) {
      scripts.files.set(path.slice(root.length + 1), withTypes(path.slice(root.length + 1), text));
    }
    for (const [path, output] of Object.entries(metafile.outputs)) {
      scripts.inputs.set(path, Object.keys(output.inputs));
    }
  }
  return scripts;
}

/** Deno reads declarations beside a script only where the script names them. */
function withTypes(path: string, text: string): string {
  const isEntry = ENTRIES.some((name) => path === `dist/${name}.js`) || path.startsWith("testing/");
  return isEntry ? `// @ts-self-types="./${basename(path, ".js")}.d.ts"\n${text}` : text;
}
