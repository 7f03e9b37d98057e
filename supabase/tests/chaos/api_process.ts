/** The process of `startApi`: a stack on the database its first line of input describes. */
import { startStack } from "../../../local/stack/stack.ts";

const lines = Deno.stdin.readable.pipeThrough(new TextDecoderStream()).getReader();
const { value } = await lines.read();
const { port, database } = JSON.parse(value!);
const stack = await startStack({ port, database, functions: ["enqueue"] });
console.log(stack.url);
while (!(await lines.read()).done);
await stack.stop();
Deno.exit(0);
