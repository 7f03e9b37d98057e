import assert from "node:assert/strict";
import { parseJson } from "./exact_json.ts";
import { jsonIssue } from "./json_issue.ts";

const FINE = ["1", '"text"', "null", "[]", '{"a":[1e400,0.12345678901234567890]}', "1e131071"];

for (const text of FINE) {
  Deno.test(`${text} is stored as it is`, () => {
    assert.equal(jsonIssue(parseJson(text)), undefined);
  });
}

const ISSUES: [text: string, path: string, rule: string][] = [
  ['"\\u0000"', "(root)", "not_text"],
  ['{"a":["b","\\ud800"]}', "a.1", "not_text"],
  ['{"a":{"b\\u0000":1}}', "a.b·", "not_text"],
  ['[{"__proto__":1}]', "0.__proto__", "reserved_name"],
  ['{"a":1e131072}', "a", "number_out_of_range"],
  ["[1e-16384]", "0", "number_out_of_range"],
  [`${"[".repeat(32)}1${"]".repeat(32)}`, Array(32).fill("0").join("."), "too_deep"],
  [`${"[".repeat(33)}${"]".repeat(33)}`, Array(32).fill("0").join("."), "too_deep"],
];

for (const [text, path, rule] of ISSUES) {
  Deno.test(`${text.slice(0, 40)} has an issue: ${rule}`, () => {
    assert.deepEqual(jsonIssue(parseJson(text)), { path, rule });
  });
}

Deno.test("a depth that just fits has no issue", () => {
  assert.equal(jsonIssue(parseJson(`${"[".repeat(32)}${"]".repeat(32)}`)), undefined);
  assert.equal(jsonIssue(parseJson(`${"[".repeat(31)}1${"]".repeat(31)}`)), undefined);
});

Deno.test("a cycle ends the search", () => {
  const value: Record<string, unknown> = {};
  value.self = [value, value];
  assert.equal(jsonIssue(value), undefined);
});
