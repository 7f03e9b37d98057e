import assert from "node:assert/strict";
import { duration, relative, shortId, timeOfId, visible } from "./format.ts";

Deno.test("lengths of time have two units at most", () => {
  const cases: [number, string][] = [
    [0.012, "12 ms"],
    [1, "1 s"],
    [2.34, "2.3 s"],
    [60, "1 min"],
    [61, "1 min 1 s"],
    [3_600, "1 h"],
    [7_260, "2 h 1 min"],
    [90_000, "1 d 1 h"],
  ];
  for (const [seconds, text] of cases) assert.equal(duration(seconds), text);
});

Deno.test("times are relative to now, in both directions", () => {
  const now = Date.parse("2026-01-01T00:00:00Z");
  assert.equal(relative("2026-01-01T00:00:01Z", now), "now");
  assert.equal(relative("2025-12-31T23:59:55Z", now), "5 s ago");
  assert.equal(relative("2026-01-01T01:30:00Z", now), "in 1 h 30 min");
});

Deno.test("what is invisible or reorders text is spelled out, the rest stays", () => {
  assert.equal(visible("a\u0000b\u001b[31m\u007f"), "a\\u0000b\\u001b[31m\\u007f");
  assert.equal(visible("exe.\u202Etxt\u2066\u200b\ufeff"), "exe.\\u202etxt\\u2066\\u200b\\ufeff");
  assert.equal(visible("שלום\tعالم\n🙂 <b>"), "שלום\tعالم\n🙂 <b>");
});

Deno.test("an ID of version 7 has its creation time", () => {
  assert.equal(timeOfId("01a2039b-0000-7000-8000-000000000001"), 0x01a2039b0000);
});

Deno.test("short IDs differ within a batch of jobs", () => {
  const ids = ["01a222c1-0e1c-7ef5-800c-acdf941db276", "01a222c1-0e1c-7ef5-800d-acdf941db276"];
  assert.deepEqual(ids.map(shortId), ["…00c-acdf941", "…00d-acdf941"]);
});
