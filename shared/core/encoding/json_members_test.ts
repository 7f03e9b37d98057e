import assert from "node:assert/strict";
import { utf8 } from "./bytes.ts";
import { hasMoreContainers, jsonMembers } from "./json_members.ts";

const PATHS = ["id", "a", "a.id", "a.b.id", "__proto__", "with blank"];

const READ: [text: string, members: unknown][] = [
  ["{}", {}],
  [' \r\n\t{ "id" : "1" , "other" : { "id" : 2 } } \n', { id: "1" }],
  ['{"id":1.50e3,"other":[{"id":2},"]}"],"a":null}', { id: 1500, a: null }],
  ['{"id":true,"id":false}', { id: false }],
  ['{"id":{"x":1},"a":[1,{"id":2}]}', { id: {}, a: [] }],
  ['{"a":{"x":"}","id":"\\"","b":{"id":7,"c":8}}}', { a: { id: '"', b: { id: 7 } } }],
  ['{"a":{"id":1},"a":2}', { a: 2 }],
  ['{"a":{"id":1},"a":{}}', { a: {} }],
  ['{"\\u0069d":"1","i":2,"idd":3,"ID":4,"\\\\id":5}', { id: "1" }],
  ['{"with blank":"\\ud83d\\ude00é"}', { "with blank": "😀é" }],
  ['{"other":"\\\\","id":"1"}', { id: "1" }],
  [`{"id":"${"x".repeat(5_000)}"}`, { id: "" }],
  [`{"other":${"[".repeat(64)}${"]".repeat(64)},"id":1}`, { id: 1 }],
];

for (const [text, members] of READ) {
  Deno.test(`the wanted members of ${text.slice(0, 60)}`, () => {
    assert.deepEqual(jsonMembers(utf8(text), PATHS), members);
  });
}

Deno.test("a member called __proto__ changes no prototype", () => {
  const members = jsonMembers(utf8('{"__proto__":"x"}'), PATHS)!;
  assert.deepEqual([Object.getPrototypeOf(members), Object.keys(members)], [
    Object.prototype,
    ["__proto__"],
  ]);
});

const REFUSED = [
  ...[
    "",
    " ",
    "[]",
    '"id"',
    "1",
    "null",
    "{",
    '{"id"',
    '{"id":',
    '{"id":1',
    '{"id":1,',
    '{"id":1,}',
  ],
  ...['{"id":1} x', '{"id":1}}', "{id:1}", '{"id" 1}', '{"id":1 "a":2}', '{"id":nul}', '{"id":01}'],
  ...['{"a":[}', '{"other":[}]}', '{"a":{"id":1}', '{"other":"}', '{"id":"\n"}', '{"other":}'],
  ...['{"\\x":1}', `{"other":${"[".repeat(65)}${"]".repeat(65)}}`],
];

for (const text of REFUSED) {
  Deno.test(`no members of ${JSON.stringify(text.slice(0, 30))}`, () => {
    assert.equal(jsonMembers(utf8(text), PATHS), undefined);
  });
}

Deno.test("a text that is not UTF-8 has no such member", () => {
  const bytes = Uint8Array.from('{"id":"\xff"}', (character) => character.charCodeAt(0));
  assert.equal(jsonMembers(bytes, PATHS), undefined);
});

/** Returns a number below a bound, the next of a seed. */
function generator(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return (state >>> 8) % below;
  };
}

const NAMES = ["id", "a", "b", "other", "", 'q"', "\\", "é"];

function randomJson(random: (below: number) => number, depth: number): unknown {
  const scalars = [null, true, 0, -1.5e-7, "", "x", '"}', "\\", "é😀\n"];
  const kind = depth === 0 ? 0 : random(3);
  if (kind === 0) return scalars[random(scalars.length)];
  const count = random(5);
  if (kind === 1) return Array.from({ length: count }, () => randomJson(random, depth - 1));
  const entries = Array.from(
    { length: count },
    () => [NAMES[random(NAMES.length)]!, randomJson(random, depth - 1)] as const,
  );
  return Object.fromEntries(entries);
}

/** Returns what is wanted of a value that was built as a whole. */
function picked(value: unknown, paths: string[][]): Record<string, unknown> {
  const members: Record<string, unknown> = {};
  for (const [name, inner] of Object.entries(value as object)) {
    const own = paths.filter(([first]) => first === name);
    if (own.length === 0) continue;
    const deeper = own.filter((path) => path.length > 1).map((path) => path.slice(1));
    if (Array.isArray(inner)) members[name] = [];
    else members[name] = typeof inner === "object" && inner ? picked(inner, deeper) : inner;
  }
  return members;
}

Deno.test("members are those of the whole, in 2,000 random texts", () => {
  const random = generator(20_261_128);
  for (let round = 0; round < 2_000; round++) {
    const value = { ...Object(randomJson(random, 5)), a: randomJson(random, 4) };
    const text = JSON.stringify(value, null, random(3));
    const expected = picked(value, PATHS.map((path) => path.split(".")));
    assert.deepEqual(jsonMembers(utf8(text), PATHS), expected, text);
  }
});

const CONTAINERS: [text: string, containers: number][] = [
  ["{}", 1],
  ['{"a":[{}]}', 3],
  ['["[{","\\"[",[]]', 2],
  ['["\\\\",[]]', 2],
];

for (const [text, containers] of CONTAINERS) {
  Deno.test(`${text} has ${containers} lists and objects`, () => {
    assert.equal(hasMoreContainers(utf8(text), containers), false);
    assert.equal(hasMoreContainers(utf8(text), containers - 1), true);
  });
}
