/** Runs a kept stack until SIGTERM, for tests that kill it: `test_stack_process.ts <directory>`. */
import { startStack } from "../stack/stack.ts";
import { NO_FILES } from "./test_project.ts";

const [directory = ""] = Deno.args;
const stack = await startStack({ directory, port: 0, databasePort: 0, files: NO_FILES });
Deno.addSignalListener("SIGTERM", () => stack.stop().then(() => Deno.exit(0)));
console.log(JSON.stringify({ url: stack.url, dbUrl: stack.dbUrl }));
