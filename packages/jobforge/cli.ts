/** The bin of the package. */
import { sep } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { shellWord } from "../../cli/install/next_steps.ts";
import { run } from "../../cli/run.ts";
import { systemTerminal } from "../../cli/terminal.ts";

const folder = fileURLToPath(new URL("..", import.meta.url));

/** Returns how this bin is typed. `npx` finds it only in the app that installed it. */
function ownCommand(): string {
  const isInstalled = folder === `${process.cwd()}${sep}node_modules${sep}jobforge${sep}`;
  return isInstalled ? "npx jobforge" : `node ${shellWord(`${folder}bin/jobforge.js`)}`;
}

process.exitCode = await run(process.argv.slice(2), systemTerminal, {
  devVariables: () => ({}),
  kit: () => Promise.resolve({ folder }),
  folder: process.cwd(),
  command: ownCommand(),
});
// Handlers of a worker may leave timers and connections open. What was printed is written first.
process.stdout.write("", () => process.exit());
