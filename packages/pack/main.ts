/** `deno task pack`: builds the npm package into a folder. */
import { join, resolve } from "node:path";
import { buildPackage } from "./build.ts";
import { PROJECT_ROOT } from "./project_files.ts";

const target = resolve(Deno.args[0] ?? join(PROJECT_ROOT, ".jobforge", "package"));
await buildPackage(target);
console.log(`Built ${target}. Pack it with: npm pack ${target}`);
