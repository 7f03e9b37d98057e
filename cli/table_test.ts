import assert from "node:assert/strict";
import { plain, sheet, table } from "./table.ts";

Deno.test("a tenant's words can neither move the cursor nor turn the text around", () => {
  const hostile = "a\x1b[2Jb\r\nc\u202Ed\u2028e\x9b31mf";
  assert.equal(plain(hostile), "a·[2Jb··c·d·e·31mf");
  for (const text of [table([{ name: hostile }], ["name"]), sheet({ name: hostile })]) {
    // deno-lint-ignore no-control-regex
    assert.doesNotMatch(text, /[\x1b\x9b\r\u202e\u2028]/);
  }
});

Deno.test("cells are cut, numbers are right-aligned, null is a dash", () => {
  const rows = [{ name: "a", jobs: 5, at: null }, { name: "bc", jobs: 10, at: null }];
  assert.equal(
    table(rows, ["name", "jobs", "at"]),
    ["name  jobs  at", "a        5   -", "bc      10   -"].join("\n"),
  );
  assert.equal(plain("x".repeat(100)).length, 60);
  assert.equal(table([], ["name"]), "none");
});
