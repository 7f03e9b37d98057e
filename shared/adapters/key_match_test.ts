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
