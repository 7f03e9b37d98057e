import assert from "node:assert/strict";
import { keyMatcher } from "./key_match.ts";

Deno.test("every one of the keys matches, and nothing else", async () => {
  const matches = keyMatcher(["first", "second"]);
  assert.equal(await matches("first"), true);
  assert.equal(await matches("second"), true);
  for (const wrong of ["", "First", "first ", "firstsecond", "f"]) {
    assert.equal(await matches(wrong), false, wrong);
  }
});

Deno.test("without keys nothing matches, not even the empty text", async () => {
  assert.equal(await keyMatcher([])(""), false);
});

Deno.test("every candidate costs one HMAC, whichever key it is", async () => {
  const { subtle } = crypto;
  const matches = keyMatcher(["first", "second"]);
  await matches("");
  let signed = 0;
  const sign = subtle.sign.bind(subtle);
  subtle.sign = (...args: Parameters<typeof sign>) => (signed++, sign(...args));
  try {
    for (const candidate of ["first", "second", "neither", ""]) await matches(candidate);
  } finally {
    delete (subtle as { sign?: unknown }).sign;
  }
  assert.equal(signed, 4);
});

// A test cannot measure the time. It can check for the words that make it depend on the key.
Deno.test("keys are compared byte by byte to the end", async () => {
  const source = await Deno.readTextFile(new URL("./key_match.ts", import.meta.url));
  const comparisons = source.match(/\S+ (?:===|!==|==|!=) [^\s;]+/g) ?? [];
  assert.deepEqual(comparisons, ["matches === 1", "difference === 0"]);
  assert.doesNotMatch(source, /\b(?:for|while) \([^\n]*\b(?:return|break)\b/);
  assert.doesNotMatch(source, /\.(?:includes|indexOf|some|every|find|startsWith)\(/);
});
