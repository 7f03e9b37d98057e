/** `deno task reset`: stops the development stack if it runs, and deletes its data and keys. */
import { join } from "node:path";
import { StackError } from "../errors.ts";
import { stopLeftover } from "../postgres/guard.ts";
import { clusterDirectory, runningStack } from "../stack/stack_database.ts";
import { delay } from "../system.ts";
import { DEV_DIRECTORY } from "./dev_files.ts";

const STOP_TIMEOUT_MS = 20_000;

if (import.meta.main) {
  try {
    await deleteData(DEV_DIRECTORY);
    console.log("The local data is deleted. `deno task dev` starts afresh.");
  } catch (error) {
    if (!(error instanceof StackError)) throw error;
    console.error(error.report());
    Deno.exit(1);
  }
}

/** Stops the stack on a folder if it runs, and deletes the folder. Throws ALREADY_RUNNING. */
export async function deleteData(directory: string): Promise<void> {
  await stopRunning(directory);
  await removeData(directory);
}

async function stopRunning(directory: string): Promise<void> {
  const pid = await runningStack(directory);
  if (pid === undefined) return;
  console.log(`Stopping the running stack (process ${pid}) …`);
  Deno.kill(pid, "SIGTERM");
  for (const deadline = Date.now() + STOP_TIMEOUT_MS; Date.now() < deadline;) {
    if (await runningStack(directory) === undefined) return;
    await delay(200);
  }
  throw new StackError(
    "ALREADY_RUNNING",
    `The stack (process ${pid}) does not stop.`,
    `End it with: kill -KILL ${pid}`,
  );
}

async function removeData(directory: string): Promise<void> {
  const exists = await Deno.stat(directory).then(() => true, () => false);
  if (!exists) return;
  const cluster = await clusterDirectory(directory);
  await stopLeftover(join(cluster, "data"));
  await Deno.remove(cluster, { recursive: true }).catch(() => {});
  await Deno.remove(directory, { recursive: true });
}
