import assert from "node:assert/strict";
import { parseJson } from "./exact_json.ts";
import { ExactNumber } from "./exact_number.ts";
import { byteLength, capText, cleanText, storableJson } from "./json.ts";

Deno.test("cleanText replaces NUL and lone surrogates and keeps everything else", () => {
  assert.equal(cleanText("a\0b\ud800c"), "a\uFFFDb\uFFFDc");
  assert.equal(cleanText("grüß 👋"), "grüß 👋");
});

Deno.test("capText never cuts inside a character", () => {
  assert.equal(capText("ääää", 5), "ää");
  assert.equal(capText("👋👋", 7), "👋");
  assert.equal(capText("short", 100), "short");
  assert.ok(byteLength(capText("x👋".repeat(5_000), 4_096)) <= 4_096);
});

function storable(value: unknown, maxBytes = 1_000): unknown {
  const check = storableJson(value, maxBytes);
  return check.ok ? JSON.parse(check.json.text) : check.refusal;
}

Deno.test("storableJson writes a value as JSON.stringify does", () => {
  const values = [
    { a: [1, "two", null, true], b: undefined, c: [undefined, () => 1, Symbol("s")] },
    { at: new Date(0), boxed: [new String("s"), new Number(1)], nested: { "": { x: [[], {}] } } },
    "text",
    null,
    [1e300, -0, 0.1],
  ];
  for (const value of values) {
    const check = storableJson(value, 1_000);
    assert.ok(check.ok);
    assert.equal(check.json.text, JSON.stringify(value));
    assert.equal(check.json.bytes, byteLength(check.json.text));
  }
});

Deno.test("storableJson takes what just fits, and nothing longer", () => {
  const shared = { deep: ["grüße", 1, { k: "v" }] };
  for (const value of ["a".repeat(50), [1, 2, 3], { key: "v", other: [] }, [shared, shared], 7]) {
    const bytes = byteLength(JSON.stringify(value));
    assert.equal(storableJson(value, bytes).ok, true);
    assert.equal(storable(value, bytes - 1), "too_large");
  }
});

Deno.test("storableJson keeps the value as it was when it was taken", () => {
  const value = { rows: 1 };
  const check = storableJson(value, 1_000);
  value.rows = 2;
  assert.ok(check.ok);
  assert.equal(check.json.text, '{"rows":1}');
});

Deno.test("storableJson refuses NUL and lone surrogates in texts and names", () => {
  for (const text of ["v\udc00", "\0", "\ude00\ud83d"]) {
    assert.equal(storable({ deep: [text] }), "not_text");
    assert.equal(storable({ [text]: 1 }), "not_text");
  }
  assert.equal(storable("\ud83d\ude00"), "\u{1F600}");
});

Deno.test("storableJson takes an escape that is written out", () => {
  for (const text of ["\\u0000 and \\ud800", "\\\\u0000\\", '"\\ud800"\n']) {
    assert.equal(storable(text), text);
  }
});

Deno.test("storableJson refuses what JSON.stringify would turn into null", () => {
  for (const number of [NaN, Infinity, -Infinity, new Number(NaN)]) {
    assert.equal(storable({ rates: [1, number] }), "not_finite");
  }
});

Deno.test("storableJson refuses a Map and a Set, which JSON.stringify would empty", () => {
  assert.equal(storable({ a: new Map([[1, 2]]) }), "not_plain");
  assert.equal(storable(new Set([1])), "not_plain");
  assert.deepEqual(storable(Object.assign(new Map(), { toJSON: () => [1] })), [1]);
});

Deno.test("storableJson writes BigInts and exact numbers as they are", () => {
  const value = parseJson('{"id":1970670598291982290,"sum":[0.12345678901234567890,1e-400]}');
  const check = storableJson(value, 1_000);
  assert.ok(check.ok);
  assert.equal(
    check.json.text,
    '{"id":1970670598291982290,"sum":[0.12345678901234567890,1e-400]}',
  );
  const long = parseJson(`[0.${"1".repeat(900)}]`) as unknown[];
  assert.equal(storable(Array(50).fill(long[0]), 10_000), "too_large");
});

Deno.test("storableJson names the place of a refusal", () => {
  const pathOf = (value: unknown) => {
    const check = storableJson(value, 1_000);
    return check.ok ? undefined : check.path;
  };
  assert.equal(pathOf({ lines: [{ amount: 1 }, { amount: NaN }] }), "lines.1.amount");
  assert.equal(pathOf({ first: [[]], deep: { self: "\0" } }), "deep.self");
  assert.equal(pathOf(cycle()), "self");
  assert.equal(pathOf(NaN), "(root)");
  assert.equal(pathOf(() => 1), "(root)");
});

function nested(depth: number): unknown {
  let value: unknown = [];
  for (let level = 1; level < depth; level++) value = [value];
  return value;
}

Deno.test("storableJson takes values nested less than 32 deep", () => {
  assert.deepEqual(storable(nested(32)), nested(32));
  for (const depth of [33, 10_000, 1_000_000]) assert.equal(storable(nested(depth)), "too_deep");
  const objects = (depth: number): unknown => depth === 0 ? 1 : { a: objects(depth - 1) };
  assert.deepEqual(storable(objects(31)), objects(31));
  assert.equal(storable(objects(32)), "too_deep");
  assert.equal(storable([[], [[]], nested(31), [[]]]) instanceof Array, true);
});

function cycle(): unknown {
  const value: Record<string, unknown> = {};
  value.self = value;
  return value;
}

function revoked(): unknown {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

const throwing = () => {
  throw new Error("planted");
};

const NOT_JSON: Record<string, () => unknown> = {
  "a function": () => () => 1,
  "a symbol": () => Symbol("s"),
  "a getter that throws": () => Object.defineProperty({}, "a", { enumerable: true, get: throwing }),
  "a toJSON that throws": () => ({ deep: [{ toJSON: throwing }] }),
  "a toJSON that throws a revoked Proxy": () => ({
    toJSON() {
      throw revoked();
    },
  }),
  "a revoked Proxy": revoked,
  "a revoked Proxy inside": () => [{ deep: revoked() }],
  "a Proxy whose keys throw": () => new Proxy({}, { ownKeys: throwing }),
};

for (const [what, make] of Object.entries(NOT_JSON)) {
  Deno.test(`storableJson refuses ${what}`, () => assert.equal(storable(make()), "not_json"));
}

const part = "x".repeat(100_000);
const TOO_LARGE: Record<string, () => unknown> = {
  "a part that is repeated until it has 50 GB": () => Array(500_000).fill(part),
  "an array of a billion holes": () => [new Array(1e9)],
  "a Proxy that has ever more members": () => new Proxy([], { get: () => 1e9 }),
  "a toJSON that returns ever more": () => {
    const grow = { toJSON: () => [part, grow] };
    return grow;
  },
  "a long number that is repeated until it has a gigabyte": () =>
    Array(10_000).fill(new ExactNumber(`0.${"1".repeat(100_000)}`)),
  "bytes": () => ({ file: new Uint8Array(300_000_000) }),
  "bytes at the root": () => new Uint8Array(1_000_000),
  "a boxed text": () => [new String(part)],
  "long keys": () => ({ [part]: 1 }),
};

for (const [what, make] of Object.entries(TOO_LARGE)) {
  Deno.test(`storableJson refuses ${what}, before it is written out`, () => {
    assert.equal(storable(make(), 50_000), "too_large");
  });
}

Deno.test("storableJson refuses a cycle", () => {
  assert.equal(storable(cycle()), "cycle");
  assert.equal(storable([{ deep: cycle() }]), "cycle");
});

Deno.test("storableJson refuses a toJSON that goes ever deeper", () => {
  const deeper: { toJSON(): unknown } = { toJSON: () => ({ deeper }) };
  assert.equal(storable(deeper), "too_deep");
});

Deno.test("storableJson counts bytes, not characters", () => {
  assert.equal(storableJson("ä".repeat(50), 60).ok, false);
  assert.equal(storableJson("a".repeat(50), 60).ok, true);
});
