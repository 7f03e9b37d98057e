import { join } from "node:path";
import { rollup } from "rollup";
import { dts } from "rollup-plugin-dts";
import { ENTRIES } from "./scripts.ts";

const COMPILER_OPTIONS = {
  allowImportingTsExtensions: true,
  exactOptionalPropertyTypes: true,
  lib: ["es2023", "dom", "dom.iterable"],
  module: "esnext",
  moduleResolution: "bundler",
  // `task check` does it, with the types of Deno.
  noCheck: true,
  noUncheckedIndexedAccess: true,
  strict: true,
  target: "es2022",
  types: [],
};

/** Returns the declarations of each entry, each one file that imports nothing, by path. */
export async function buildDeclarations(root: string): Promise<Map<string, string>> {
  const tsconfig = join(root, "tsconfig.json");
  await Deno.writeTextFile(tsconfig, JSON.stringify({ compilerOptions: COMPILER_OPTIONS }));
  const files = new Map<string, string>();
  const entries = ENTRIES.map((name) => [name, `dist/${name}`] as const);
  for (const [name, target] of [...entries, ["testing_postgres", "testing/postgres"] as const]) {
    const bundle = await rollup({
      input: join(root, `packages/jobforge/${name}.ts`),
      external: ["react"],
      plugins: [dts({ tsconfig })],
      onwarn(warning) {
        throw new Error(`declarations of ${name}: ${warning.message}`);
      },
    });
    const { output } = await bundle.generate({ format: "es" });
    await bundle.close();
    files.set(`${target}.d.ts`, output[0].code);
  }
  return files;
}
