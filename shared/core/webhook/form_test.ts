import assert from "node:assert/strict";
import { utf8 } from "../encoding/bytes.ts";
import { formMembers, isForm } from "./form.ts";

const FORMS: [string, Record<string, unknown> | undefined][] = [
  ["a=1&b=2", { a: "1", b: "2" }],
  ["a=1&b=2&a=3", { a: ["1", "3"], b: "2" }],
  ["Body=hi+there%21&To=%2B49", { Body: "hi there!", To: "+49" }],
  ["text=", { text: "" }],
  ["text", { text: "" }],
  ["a=b=c", { a: "b=c" }],
  ["&a=1&&", { a: "1" }],
  ["a=%F0%9F%98%80%E6%BC%A2", { a: "😀漢" }],
  ["", undefined],
  ["&&", undefined],
  ["a=%zz", undefined],
  ["a=%FF", undefined],
  ["a=%ED%A0%80", undefined],
];

for (const [text, members] of FORMS) {
  Deno.test(`the members of the form "${text}"`, () => {
    assert.deepEqual(formMembers(text), members);
    assert.deepEqual(formMembers(utf8(text)), members);
  });
}

Deno.test("a member named __proto__ is a member", () => {
  const members = formMembers("__proto__=1")!;
  assert.deepEqual(Object.entries(members), [["__proto__", "1"]]);
  assert.equal(Object.getPrototypeOf(members), Object.prototype);
});

Deno.test("a form has 1,000 members at most, and is UTF-8", () => {
  assert.equal(Object.keys(formMembers(members(1_000))!).length, 1_000);
  assert.equal(formMembers(members(1_001)), undefined);
  assert.equal(formMembers(new Uint8Array([0x61, 0x3d, 0xff])), undefined);
});

function members(count: number): string {
  return Array.from({ length: count }, (_, n) => `a${n}=1`).join("&");
}

Deno.test("a form is known by its media type", () => {
  const type = (value: string) => isForm({ header: () => value });
  assert.ok(type("application/x-www-form-urlencoded"));
  assert.ok(type("Application/X-WWW-Form-URLencoded ; charset=UTF-8"));
  for (const other of ["application/json", "application/x-www-form-urlencoded2", ""]) {
    assert.ok(!type(other));
  }
});
