import { existsSync } from "node:fs";
import { join } from "node:path";
import { functionSecrets } from "../project.ts";
import type { Stack } from "../stack/stack.ts";
import type { FunctionOutput } from "./function_output.ts";
import type { DevProject } from "./dev_project.ts";

const QUIET_MS = 200;
const CODE = /\.(?:[cm]?[jt]sx?|json|wasm)$/;

/**
 * Restarts the functions of a development stack after their code or `functions/.env` has changed:
 * those that run, and those that did not start.
 */
export function reloadOnChange(
  { code, files, functions }: Pick<DevProject, "code" | "files" | "functions">,
  stack: Stack,
  output: FunctionOutput,
): { stop(): void } {
  const watcher = Deno.watchFs(code.filter(existsSync));
  const envFile = join(files.functions, ".env");
  let known = functionSecrets(files.functions);
  let timer: ReturnType<typeof setTimeout> | undefined;
  let changed = { code: false, env: false };
  let restarting = Promise.resolve();
  watch();
  return {
    stop() {
      clearTimeout(timer);
      watcher.close();
    },
  };

  async function watch(): Promise<void> {
    for await (const { kind, paths } of watcher) {
      if (kind === "access") continue;
      if (paths.some((path) => CODE.test(path))) changed.code = true;
      else if (paths.includes(envFile)) changed.env = true;
      else continue;
      clearTimeout(timer);
      timer = setTimeout(() => restarting = restarting.then(restart), QUIET_MS);
    }
  }

  async function restart(): Promise<void> {
    const reasons = changed.code ? ["code changed"] : [];
    if (changed.env) reasons.push(...await changedNames());
    changed = { code: false, env: false };
    if (reasons.length === 0) return;
    const running = stack.functionPids();
    const names = functions.filter((name) => name in running || output.broken.has(name));
    await output.boot(names, (name) => stack.restartFunction(name));
    const restarted = names.filter((name) => !output.broken.has(name));
    if (restarted.length > 0) {
      console.log(`${restarted.join(", ")}: ${reasons.join(", ")}, restarted`);
    }
  }

  /** The names of variables that are new, gone or have another value. Values are not shown. */
  async function changedNames(): Promise<string[]> {
    const before = await known;
    const after = await (known = functionSecrets(files.functions));
    const names = [...new Set([...Object.keys(before), ...Object.keys(after)])]
      .filter((name) => before[name] !== after[name]);
    return names.length === 0 ? [] : [`${names.join(", ")} of functions/.env changed`];
  }
}
