/** `deno task dev`: the local stack of this repository, kept between runs, until Ctrl-C. */
import { join } from "node:path";
import { StackError } from "../errors.ts";
import { functionNames, PROJECT_ROOT, projectFiles } from "../project.ts";
import { DEV_DIRECTORY } from "./dev_files.ts";
import { runDev } from "./run_dev.ts";
import { DEMO_TENANTS } from "./tenants.ts";

if (import.meta.main) {
  const files = projectFiles(PROJECT_ROOT);
  try {
    await runDev({
      ...{ root: PROJECT_ROOT, directory: DEV_DIRECTORY, files, tenants: DEMO_TENANTS },
      functions: await functionNames(files.functions),
      // Errors of handlers with their stacks, and what they print, where a developer sees it.
      functionOptions: { worker: { env: { JOBFORGE_SHOW_ERRORS: "1" } } },
      code: ["supabase", "shared"].map((folder) => join(PROJECT_ROOT, folder)),
      reset: "deno task reset",
    });
    Deno.exit(0);
  } catch (error) {
    if (!(error instanceof StackError)) throw error;
    console.error(error.report());
    Deno.exit(1);
  }
}
