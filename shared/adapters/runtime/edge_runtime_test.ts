import assert from "node:assert/strict";
import { isEdgeRuntime, keepAlive, onUnload } from "./edge_runtime.ts";

Deno.test("the reason of an unload becomes the cause of the stop", () => {
  const causes: string[] = [];
  onUnload((cause) => void causes.push(cause));
  const reasons = ["cpu", "memory", "wall_clock", "early_drop", "termination", "constructor"];
  for (const reason of reasons) {
    dispatchEvent(new CustomEvent("beforeunload", { detail: { reason } }));
  }
  dispatchEvent(new Event("beforeunload"));
  assert.deepEqual(causes, [
    ...["cpu", "memory", "wall_clock", "shutdown", "shutdown", "shutdown", "shutdown"],
  ]);
});

Deno.test("work is announced to the edge runtime where there is one", () => {
  const announced: unknown[] = [];
  const work = Promise.resolve();
  keepAlive(work);
  const EdgeRuntime = { waitUntil: (promise: unknown) => announced.push(promise) };
  Object.assign(globalThis, { EdgeRuntime });
  keepAlive(work);
  Reflect.deleteProperty(globalThis, "EdgeRuntime");
  assert.deepEqual(announced, [work]);
});

Deno.test("plain Deno is not the edge runtime and has no CPU limit", () => {
  assert.equal(isEdgeRuntime(), false);
});
