/** The bin of the package. */
import process from "node:process";
import { fileURLToPath } from "node:url";
import { run } from "../../cli/run.ts";
import { systemTerminal } from "../../cli/terminal.ts";

const folder = fileURLToPath(new URL("..", import.meta.url));

process.exitCode = await run(process.argv.slice(2), systemTerminal, {
  devVariables: () => ({}),
  kit: () => Promise.resolve({ folder, command: "npx jobforge" }),
  folder: process.cwd(),
});
