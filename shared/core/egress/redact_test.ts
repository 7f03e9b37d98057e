import assert from "node:assert/strict";
import { redactBytes, redactText } from "./redact.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

const SECRET = 'planted/secret"1';

Deno.test("a secret that comes back is not kept, as it is or as JSON and URLs write it", () => {
  const clean = (text: string) =>
    new TextDecoder().decode(redactBytes(bytes(text), [SECRET], false));
  assert.equal(redactText(`a ${SECRET} b ${SECRET}`, [SECRET]), "a [redacted] b [redacted]");
  assert.equal(clean(`pl ${SECRET}${SECRET} planted`), `pl ${"*".repeat(32)} planted`);
  const php = JSON.stringify(SECRET).replaceAll("/", "\\/");
  for (const echo of [JSON.stringify(SECRET), php, encodeURIComponent(SECRET)]) {
    for (const shown of [redactText(echo, [SECRET]), clean(echo)]) {
      assert.doesNotMatch(shown, /planted|secret/);
    }
  }
  assert.equal(redactText("abc", []), "abc");
  const short = bytes("a short one");
  assert.equal(redactBytes(short, ["short"], true), short);
  // A secret of eight characters is long enough.
  assert.equal(redactText("a 8letters b", ["8letters"]), "a [redacted] b");
  const two = redactText("first-secret second-secret", ["first-secret", "second-secret"]);
  assert.equal(two, "[redacted] [redacted]");
});

Deno.test("a secret that a cut splits is not kept, however little of it came", () => {
  const echo = bytes(`you sent ${SECRET}`);
  for (let end = 10; end <= echo.length; end++) {
    const kept = new TextDecoder().decode(redactBytes(echo.subarray(0, end), [SECRET], true));
    assert.equal(kept, "you sent " + "*".repeat(end - 9));
  }
  const whole = bytes("the plan is whole: planted");
  assert.deepEqual(redactBytes(whole, [SECRET], false), whole);
});

const each = (write: (code: string, char: string) => string) =>
  Array.from(FULL, (char) => write(char.charCodeAt(0).toString(16), char)).join("");
const json = (text: string) => JSON.stringify(text).slice(1, -1);

/** A secret with all that is escaped anywhere, and how hosts may write it. */
const FULL = 'plan/ted+1 "<k&é';
const WRITTEN: Record<string, string> = {
  "\\u escapes": each((code) => `\\u${code.padStart(4, "0")}`),
  "\\u escapes in upper case": each((code) => `\\u${code.toUpperCase().padStart(4, "0")}`),
  "\\x escapes": each((code) => `\\x${code.padStart(2, "0")}`),
  "some \\u escapes": json(FULL).replace("<", "\\u003c").replace("&", "\\u0026"),
  "JSON with escaped slashes": json(FULL).replaceAll("/", "\\/"),
  "JSON in JSON": json(json(FULL).replace("<", "\\u003C")),
  "a query": encodeURIComponent(FULL),
  "a query in lower case": encodeURIComponent(FULL).toLowerCase(),
  "a query that escapes all": each((_, char) =>
    [...new TextEncoder().encode(char)].map((byte) => `%${byte.toString(16)}`).join("")
  ),
  "a form": new URLSearchParams({ a: FULL }).toString().slice(2),
  "a query in JSON": json(`"${encodeURIComponent(FULL)}`).replaceAll("%", "\\u0025").slice(2),
  "entities": FULL.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;"),
  "numbered entities": each((code) => `&#x${code};`),
  "decimal entities": each((code) => `&#${parseInt(code, 16)};`),
  "entities in JSON": json(`"${FULL.replace("&", "&amp;").replace('"', "&#34;")}`).slice(2),
};

for (const [what, written] of Object.entries(WRITTEN)) {
  Deno.test(`a secret that comes back is not kept, written as ${what}`, () => {
    const echo = bytes(`you sent ${written}, it is & % \\ + &constructor; wrong`);
    const kept = new TextDecoder().decode(redactBytes(echo, [FULL], false));
    const rest = ", it is & % \\ + &constructor; wrong";
    assert.equal(kept, `you sent ${"*".repeat(bytes(written).length)}${rest}`);
    assert.equal(redactText(`a ${written}.`, [FULL]), "a [redacted].");
    for (let end = 0; end <= bytes(written).length; end++) {
      const cut = new TextDecoder().decode(redactBytes(echo.subarray(0, 9 + end), [FULL], true));
      // An escape that the cut splits at the very begin stands for nothing yet.
      assert.match(cut, /^you sent (?:\*+|[\\%&][\\ux#0-9a-f]{0,5})?$/i, `${end}`);
      if (end > 13) assert.equal(cut, `you sent ${"*".repeat(end)}`);
    }
  });
}

Deno.test("secrets that overlap are not kept", () => {
  const kept = redactBytes(bytes("abcabcabcabc."), ["abcabcabc"], false);
  assert.equal(new TextDecoder().decode(kept), `${"*".repeat(12)}.`);
  assert.equal(redactText("abcabcabcabc.", ["abcabcabc"]), "[redacted].");
});
