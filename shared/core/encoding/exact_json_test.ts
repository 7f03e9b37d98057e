import assert from "node:assert/strict";
import { parseJson, pathText, repeatedMember, withRawNumbers, writeJson } from "./exact_json.ts";
import { ExactNumber, reachOf, readNumber } from "./exact_number.ts";

const SAME_AS_NATIVE = [
  ...["0", "-0", "1", "-1.5", "0.1", "1e10", "1E+2", "9007199254740991", "9007199254740994"],
  ...["1e308", "5e-324", "1e21", "100000000000000000000000"],
  ...['"1970670598291982290"', "true", "false", "null", "{}", "[]", " [ ] ", '""'],
  '{"a" : [1, {"b\\"\\\\": "\\u00e9\\ud83d\\ude00", "": null}],\n"c": "x,1970670598291982290" }',
  '{"t":"at 12:1234567890123456789,","u":[1e300,-0.0,true,false,null,"","\\\\"]}',
];

for (const text of SAME_AS_NATIVE) {
  Deno.test(`what a number holds is read as JSON.parse reads it: ${text.slice(0, 40)}`, () => {
    assert.deepEqual(parseJson(text), JSON.parse(text));
    assert.equal(Object.is(parseJson(text), -0), text === "-0");
  });
}

Deno.test("an integer that no number holds is a BigInt", () => {
  assert.equal(parseJson("1970670598291982290"), 1970670598291982290n);
  assert.equal(parseJson("-9007199254740993"), -9007199254740993n);
  assert.equal(parseJson("12345678901234567891e9"), 12345678901234567891n * 10n ** 9n);
  assert.equal(parseJson(`1${"0".repeat(400)}`), 10n ** 400n);
  assert.equal(parseJson("1970670598291982290.0"), 1970670598291982290n);
  assert.deepEqual(parseJson('[{"id": 1970670598291982290 ,"n":1}]'), [
    { id: 1970670598291982290n, n: 1 },
  ]);
});

Deno.test("any other number that no number holds keeps its text", () => {
  for (const text of ["0.12345678901234567890", "1e-400", "-1.0000000000000000001", "1e400"]) {
    const value = parseJson(`[${text}]`) as ExactNumber[];
    assert.ok(value[0] instanceof ExactNumber);
    assert.equal(`${value[0]}`, text);
    assert.equal(writeJson(value), `[${text}]`);
  }
});

Deno.test("a number of millions of digits is read in one pass, also with zeros inside", () => {
  const text = `1${"0".repeat(5_000_000)}1`;
  assert.equal(String(parseJson(text)), text);
  assert.deepEqual(reachOf(text), { first: 5_000_001, last: 0 });
});

Deno.test("a string of millions of escapes is read", () => {
  const text = `[9007199254740993,"${"\\n".repeat(5_000_000)}\\"",1]`;
  assert.deepEqual(parseJson(text), [9007199254740993n, `${"\n".repeat(5_000_000)}"`, 1]);
});

Deno.test("no one calculates with an exact number by accident", () => {
  const amount = new ExactNumber("0.12345678901234567890") as unknown as number;
  for (const use of [() => amount * 2, () => amount + 1, () => Number(amount), () => amount < 1]) {
    assert.throws(use, TypeError);
  }
});

Deno.test("what is read is written as the same numbers", () => {
  const text = '{"a":[9007199254740993,0.1,1e-400],"b":{"c":-123456789012345678901234567890}}';
  assert.equal(writeJson(parseJson(text)), text);
  assert.equal(JSON.stringify(withRawNumbers(parseJson(text))), text);
  assert.equal(writeJson([5n, { n: 1n }], 0), '[5,{"n":1}]');
});

Deno.test("a value without large numbers is sent as it is", () => {
  const value = { n: 5n, at: new Date(0) };
  const plain = { at: new Date(0) };
  assert.equal(withRawNumbers(plain), plain);
  assert.equal(JSON.stringify(withRawNumbers(value)), '{"n":5,"at":"1970-01-01T00:00:00.000Z"}');
});

Deno.test("a member called __proto__ is a member, not a prototype", () => {
  const text = '{"__proto__":{"id":1970670598291982290},"a":1}';
  const value = parseJson(text) as Record<string, unknown>;
  assert.deepEqual(Object.keys(value), ["__proto__", "a"]);
  assert.equal(Object.getPrototypeOf(value), Object.prototype);
  assert.equal(writeJson(value), text);
});

Deno.test("what is no JSON is no JSON", () => {
  for (const text of ["", "01970670598291982290", "[1970670598291982290,]", "{'a':1}", "NaN"]) {
    assert.throws(() => parseJson(text), SyntaxError);
  }
});

Deno.test("a name that occurs twice is found, at any depth and by any spelling", () => {
  assert.deepEqual(repeatedMember('{"a":1,"b":[{"c":1,"c":1}]}'), ["b", 0, "c"]);
  assert.deepEqual(repeatedMember('{"a":1,"\\u0061":2}'), ["a"]);
  assert.deepEqual(repeatedMember('{"__proto__":1,"__proto__":2}'), ["__proto__"]);
  assert.equal(repeatedMember('{"a":{"a":1},"b":[{"a":1},{"a":"a\\":\\"a"}]}'), undefined);
});

Deno.test("long texts are read", () => {
  const text = JSON.stringify({ n: 1, long: `${'\\"x'.repeat(300_000)}${"y".repeat(3_000_000)}` });
  const exact = text.replace("1", "1970670598291982290");
  assert.equal((parseJson(exact) as { long: string }).long.length, 3_900_000);
});

Deno.test("the reach of a number is the place of its first and last digit", () => {
  assert.deepEqual(reachOf("1e400"), { first: 400, last: 400 });
  assert.deepEqual(reachOf("-12.50"), { first: 1, last: -1 });
  assert.deepEqual(reachOf("0.00"), { first: -1, last: 0 });
});

Deno.test("random numbers keep their value", () => {
  for (let round = 0; round < 2_000; round++) {
    const digits = String(Math.random()).slice(2) + String(Math.random()).slice(2);
    const cut = Math.floor(Math.random() * digits.length);
    const token = `${BigInt(digits.slice(0, cut) || "0")}.${digits.slice(cut)}7`;
    const read = readNumber(token);
    if (typeof read === "number") {
      const again = (read as number).toString();
      assert.ok(token.replace(/0+$/, "").length <= again.length + 1, `${token} ${again}`);
    } else assert.equal(writeJson(read), token);
    assert.equal(readNumber(String(Math.random())) instanceof ExactNumber, false);
  }
});

Deno.test("a path is one text", () => {
  assert.equal(pathText(["lines", 0, "amount"]), "lines.0.amount");
  assert.equal(pathText([]), "(root)");
});
