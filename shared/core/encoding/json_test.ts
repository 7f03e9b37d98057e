import assert from "node:assert/strict";
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

Deno.test("storableJson passes a clean value on as the same object", () => {
  const value = { a: [1, "two", null] };
  const check = storableJson(value, 1_000);
  assert.ok(check.ok);
  assert.equal(check.value, value);
});

Deno.test("storableJson cleans texts and keys of a copy", () => {
  const check = storableJson({ "k\0": ["v\udc00", { deep: "\0" }] }, 1_000);
  assert.ok(check.ok);
  assert.deepEqual(check.value, { "k\uFFFD": ["v\uFFFD", { deep: "\uFFFD" }] });
});

Deno.test("storableJson does not mistake a written-out escape for the character", () => {
  const check = storableJson({ text: "\\u0000 and \\ud800" }, 1_000);
  assert.ok(check.ok);
  assert.deepEqual(check.value, { text: "\\u0000 and \\ud800" });
});

Deno.test("storableJson refuses cycles", () => {
  const cycle: Record<string, unknown> = {};
  cycle.self = cycle;
  assert.deepEqual(storableJson(cycle, 1_000), { ok: false, refusal: "not_json" });
});

Deno.test("storableJson refuses a BigInt", () => {
  assert.deepEqual(storableJson({ n: 1n }, 1_000), { ok: false, refusal: "not_json" });
});

Deno.test("storableJson refuses a function", () => {
  assert.deepEqual(storableJson(() => 1, 1_000), { ok: false, refusal: "not_json" });
});

Deno.test("storableJson counts bytes, not characters", () => {
  assert.equal(storableJson("ä".repeat(50), 60).ok, false);
  assert.equal(storableJson("a".repeat(50), 60).ok, true);
});
