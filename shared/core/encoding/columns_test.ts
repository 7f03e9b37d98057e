import assert from "node:assert/strict";
import { rowsOf } from "./columns.ts";

Deno.test("columns become rows in their order", () => {
  assert.deepEqual(rowsOf({ id: ["a", "b"], attempt: [1, 2] }), [
    { id: "a", attempt: 1 },
    { id: "b", attempt: 2 },
  ]);
});

Deno.test("no columns are no rows", () => {
  assert.deepEqual(rowsOf({ id: [], attempt: [] }), []);
});

Deno.test("columns of different lengths are refused", () => {
  assert.throws(() => rowsOf({ id: ["a", "b"], attempt: [1] }), RangeError);
});
