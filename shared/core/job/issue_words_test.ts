import assert from "node:assert/strict";
import * as z from "zod";
import * as z3 from "zod/v3";
import { checkPayload, describeIssues } from "./payload.ts";
import type { Schema } from "./schema.ts";

/** What is said of a payload that does not fit. */
function saidOf(payload: Schema, value: unknown): string {
  const check = checkPayload({ type: "a.b", payload } as never, value);
  assert.ok(!check.ok);
  return describeIssues(check.issues);
}

const cases: [schema: Record<string, z.ZodType>, value: unknown, said: string][] = [
  [{ a: z.string() }, {}, "a is required, and must be a string (invalid_type)"],
  [{ a: z.string() }, { a: null }, "a must be a string, not null (invalid_type)"],
  [{ a: z.number() }, { a: "7" }, "a must be a number, not a string (invalid_type)"],
  [{ a: z.int() }, { a: 1.5 }, "a must be an integer, not a number (invalid_type)"],
  [{ a: z.array(z.int()) }, { a: {} }, "a must be an array, not an object (invalid_type)"],
  [{ a: z.string().max(3) }, { a: "four" }, "a must have at most 3 characters (too_big)"],
  [{ a: z.string().min(1) }, { a: "" }, "a must have at least 1 characters (too_small)"],
  [{ a: z.array(z.int()).max(2) }, { a: [1, 2, 3] }, "a must have at most 2 items (too_big)"],
  [{ a: z.number().gt(5) }, { a: 5 }, "a must be more than 5 (too_small)"],
  [{ a: z.number().lt(5) }, { a: 5 }, "a must be less than 5 (too_big)"],
  [{ a: z.number().multipleOf(5) }, { a: 4 }, "a must be a multiple of 5 (not_multiple_of)"],
  [{ a: z.email() }, { a: "me" }, "a must be an email address (invalid_format)"],
  [{ a: z.iban() }, { a: "me" }, "a must be of the format iban (invalid_format)"],
  [{ a: z.enum(["x", "y"]) }, { a: "z" }, 'a must be one of "x", "y" (invalid_value)'],
  [{ a: z.literal(7) }, { a: "z" }, "a must be 7 (invalid_value)"],
  [{}, { b: 1, "c\u202e\n": 2 }, '(root) must not have "b", "c··" (unrecognized_keys)'],
];

for (const [shape, value, said] of cases) {
  Deno.test(`said of ${JSON.stringify(value)}: ${said}`, () => {
    assert.equal(saidOf(z.strictObject(shape), value), said);
  });
}

Deno.test("the words hold for zod 3, too", () => {
  const schema = z3.z.object({
    ...{ a: z3.z.string().email(), b: z3.z.number().max(2), c: z3.z.enum(["x"]) },
    ...{ d: z3.z.literal(1), e: z3.z.string() },
  }).strict();
  assert.deepEqual(saidOf(schema, { a: "me", b: 3, c: "y", d: 2, f: 0 }).split(", ").sort(), [
    '(root) must not have "f" (unrecognized_keys)',
    ...["a must be an email address (invalid_string)", "and must be a string (invalid_type)"],
    ...["b must be at most 2 (too_big)", 'c must be "x" (invalid_enum_value)'],
    ...["d must be 1 (invalid_literal)", "e is required"],
  ]);
});

Deno.test("no value of the payload is repeated", () => {
  const schema = z.strictObject({ a: z.int(), b: z.email(), c: z.literal("x"), d: z.iso.date() });
  const said = saidOf(schema, { a: "s3cret", b: "s3cret", c: "s3cret", d: "s3cret" });
  assert.doesNotMatch(said, /s3cret/);
});
