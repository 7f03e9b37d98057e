import { existsSync } from "node:fs";
import { join } from "node:path";
import { PROJECT_ROOT } from "../project.ts";
import type { Stack } from "../stack/stack.ts";

/** Folders with the code of the functions. Those that exist are watched. */
const CODE = ["supabase", "shared"];
const QUIET_MS = 200;

/** Restarts the running functions of a development stack after their code has changed. */
export function reloadOnChange(stack: Stack): { stop(): void } {
  const watcher = Deno.watchFs(CODE.map((folder) => join(PROJECT_ROOT, folder)).filter(existsSync));
  let timer: ReturnType<typeof setTimeout> | undefined;
  watch();
  return {
    stop() {
      clearTimeout(timer);
      watcher.close();
    },
  };

  async function watch(): Promise<void> {
    for await (const { kind, paths } of watcher) {
      if (kind === "access" || !paths.some((path) => path.endsWith(".ts"))) continue;
      clearTimeout(timer);
      timer = setTimeout(restart, QUIET_MS);
    }
  }

  async function restart(): Promise<void> {
    for (const name of Object.keys(stack.functionPids())) {
      await stack.restartFunction(name).then(
        () => console.log(`${name}: code changed, restarted`),
        (error) => console.error(`${name}: ${error.message}`),
      );
    }
  }
}
