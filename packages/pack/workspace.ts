import { dirname, join } from "node:path";
import { filesBelow, PROJECT_ROOT, readProjectText } from "./project_files.ts";

/** A copy of the sources with the packages they import, outside of the project. */
export interface Workspace {
  root: string;
  remove(): Promise<void>;
}

/** Packages that may be bundled. An import of any other one fails the build. */
const BUNDLED = [
  ...[
    "@supabase/postgrest-js",
    "commander",
    "croner",
    "diff",
    "hono",
    "jsonc-parser",
    "node-diff3",
  ],
  ...["postgres", "smol-toml", "zod"],
];

/** Read for declarations alone. */
const TYPES = ["@types/react"];

const SOURCES = ["shared", "supabase/functions", "cli", "packages/jobforge"];

/**
 * Copies what is built into a temporary folder, and installs the locked versions of its packages
 * there. So every build of one commit reads the same paths, which bundles contain.
 */
export async function openWorkspace(): Promise<Workspace> {
  const root = await Deno.makeTempDir({ prefix: "jobforge-pack-" });
  for (const folder of SOURCES) {
    for (const path of await filesBelow(folder)) {
      if (/_test\.ts$|\/fake_|\/tests\//.test(path)) continue;
      await Deno.mkdir(dirname(join(root, path)), { recursive: true });
      await Deno.copyFile(join(PROJECT_ROOT, path), join(root, path));
    }
  }
  await installPackages(root);
  return { root, remove: () => Deno.remove(root, { recursive: true }) };
}

async function installPackages(root: string): Promise<void> {
  const { imports } = JSON.parse(await readProjectText("deno.json"));
  const used = Object.fromEntries([...BUNDLED, ...TYPES].map((name) => [name, imports[name]]));
  const config = { nodeModulesDir: "auto", imports: used };
  await Deno.writeTextFile(join(root, "deno.json"), JSON.stringify(config));
  await Deno.copyFile(join(PROJECT_ROOT, "deno.lock"), join(root, "deno.lock"));
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["install", "--quiet"],
    cwd: root,
    stdout: "null",
    stderr: "piped",
  }).output();
  if (!success) throw new Error(`deno install failed: ${new TextDecoder().decode(stderr)}`);
}
