import assert from "node:assert/strict";
import * as z from "zod";
import { parseJson } from "../encoding/exact_json.ts";
import { anyJson, decimal } from "./number_schemas.ts";
import { parseNumbers, withBigInts } from "./numbers.ts";

Deno.test("z.bigint() takes every JSON integer, at any place", () => {
  const schema = z.object({ ids: z.array(z.bigint()), deep: z.object({ n: z.bigint() }) });
  const value = parseJson('{"ids":[1,1970670598291982290],"deep":{"n":-5}}');
  assert.deepEqual(parseNumbers(schema, value), {
    value: { ids: [1n, 1970670598291982290n], deep: { n: -5n } },
  });
  assert.deepEqual(value, { ids: [1, 1970670598291982290n], deep: { n: -5 } });
});

Deno.test("z.bigint() has every digit of an integer that a number holds", () => {
  const schema = z.object({ ids: z.array(z.bigint()) });
  const ids = ["1970670598291982300", "-1970670598291982300", "100000000000000000000000", "-0"];
  const value = parseJson(`{"ids":[${ids}]}`);
  const exact = { ids: ids.map((id) => BigInt(id)) };
  assert.deepEqual(parseNumbers(schema, value), { value: exact });
  assert.deepEqual(withBigInts(schema, value), exact);
});

Deno.test("z.bigint() in a union takes small integers too", () => {
  const id = z.union([z.string(), z.bigint()]);
  const event = z.union([z.object({ ids: z.array(id) }), z.object({ ids: z.bigint() })]);
  const cases: [string, unknown][] = [
    ['{"ids":[5,"a",9007199254740993]}', { ids: [5n, "a", 9007199254740993n] }],
    ['{"ids":5}', { ids: 5n }],
  ];
  for (const [text, value] of cases) {
    assert.deepEqual(parseNumbers(event, parseJson(text)), { value });
  }
  assert.ok(parseNumbers(id, 0.5).issues);
});

Deno.test("z.bigint() takes no fraction and no text", () => {
  for (const value of [1.5, "5", true, null]) {
    assert.ok(parseNumbers(z.object({ n: z.bigint() }), { n: value }).issues);
  }
});

Deno.test("a value with another issue stays refused, with that issue", () => {
  const parsed = parseNumbers(z.object({ n: z.bigint(), s: z.string() }), { n: 1, s: 2 });
  assert.deepEqual(parsed.issues?.map(({ path }) => path), [["s"]]);
});

Deno.test("what is not JSON keeps its class", () => {
  const at = new Date(0);
  const parsed = parseNumbers(z.object({ n: z.bigint(), at: z.date() }), { n: 1, at });
  assert.deepEqual(parsed, { value: { n: 1n, at } });
});

Deno.test("a read value has bigints where its schema has them, and is else as it came", () => {
  const schema = z.object({ n: z.bigint(), at: z.iso.datetime().transform(() => 1) });
  const value = { n: 1, at: "1970-01-01T00:00:00Z" };
  assert.deepEqual(withBigInts(schema, value), { n: 1n, at: "1970-01-01T00:00:00Z" });
  const fine = { n: 1n, at: "1970-01-01T00:00:00Z" };
  assert.equal(withBigInts(schema, fine), fine);
});

Deno.test("decimal() is the text of any number", () => {
  for (const text of ["0.12345678901234567890", "12345678901234567.89", "1e-400", "5", "-0.5"]) {
    assert.equal(decimal().parse(parseJson(text)), text);
  }
  assert.equal(decimal().parse("12.50"), "12.50");
  for (const value of ["", "1,5", "0x1", "NaN", NaN, Infinity, null, {}, true]) {
    assert.equal(decimal().safeParse(value).success, false);
  }
});

Deno.test("anyJson() keeps what it gets", () => {
  const value = parseJson('{"__proto__":1,"n":[1970670598291982290,1e-400]}');
  assert.equal(anyJson().parse(value), value);
  assert.equal(anyJson().safeParse(undefined).success, false);
  assert.equal(anyJson().optional().parse(undefined), undefined);
});
