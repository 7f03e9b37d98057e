import assert from "node:assert/strict";
import { StackError } from "../errors.ts";
import { FunctionOutput } from "./function_output.ts";

function output(): { shown: string[]; functions: FunctionOutput } {
  const shown: string[] = [];
  return { shown, functions: new FunctionOutput(["a", "b"], "/app", (text) => shown.push(text)) };
}

const refused = () =>
  Promise.reject(new StackError("FUNCTION_FAILED", "a ended: file:///app/a.ts:3:1", "hint"));

Deno.test("lines of functions are shown, and none of other parts", () => {
  const { shown, functions } = output();
  functions.line("a", "hello");
  functions.line("cron", "hello");
  assert.deepEqual(shown, ["a: hello"]);
});

Deno.test("an error at the start comes first and alone, then what the others printed", async () => {
  const { shown, functions } = output();
  await functions.boot(["a", "b"], (name) => {
    functions.line(name, `${name} starts`);
    return name === "a" ? refused() : Promise.resolve();
  });
  assert.deepEqual(shown, [
    "✗ a ended: a.ts:3:1\n  a starts when you save a change.",
    "b: b starts",
  ]);
  assert.deepEqual([...functions.broken], ["a"]);
});

Deno.test("a function that starts after it failed is fixed, once", async () => {
  const { shown, functions } = output();
  await functions.boot(["a"], refused);
  await functions.boot(["a"], refused);
  shown.length = 0;
  await functions.boot(["a"], () => Promise.resolve());
  await functions.boot(["a"], () => Promise.resolve());
  assert.deepEqual(shown, ["✓ a: fixed"]);
  assert.equal(functions.broken.size, 0);
});
