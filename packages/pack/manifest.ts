import { ENTRIES } from "./scripts.ts";

/** Returns the package.json of a version. */
export function manifest(version: string): Record<string, unknown> {
  const entries = ENTRIES.map((name) => [
    name === "index" ? "." : `./${name}`,
    { types: `./dist/${name}.d.ts`, default: `./dist/${name}.js` },
  ]);
  return {
    name: "jobforge",
    version,
    description: "Background jobs for multi-tenant apps on Supabase",
    license: "MIT",
    type: "module",
    sideEffects: false,
    peerDependencies: { react: ">=18" },
    peerDependenciesMeta: { react: { optional: true } },
    engines: { node: ">=20" },
    bin: { jobforge: "bin/jobforge.js" },
    exports: {
      ...Object.fromEntries(entries),
      "./testing/postgres": {
        types: "./testing/postgres.d.ts",
        default: "./testing/postgres.js",
      },
      "./package.json": "./package.json",
    },
    files: [
      "bin",
      "dist",
      "sql",
      "testing",
      "CHANGELOG.md",
      "CONTENTS.json",
      "LICENSES_OF_BUNDLED_PACKAGES.txt",
    ],
  };
}
