import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import {
  base64Bytes,
  base64Length,
  concatBytes,
  hexBytes,
  toBase64,
  toHex,
  utf8,
} from "./bytes.ts";

Deno.test("bytes survive hex and base64", () => {
  const bytes = Uint8Array.from({ length: 20_000 }, (_, at) => (at * 7) % 256);
  assert.deepEqual(hexBytes(toHex(bytes), bytes.length), bytes);
  assert.deepEqual(base64Bytes(toBase64(bytes)), bytes);
  assert.deepEqual(concatBytes([utf8("a"), utf8(""), utf8("é")]), utf8("aé"));
});

Deno.test("base64 is padded at every length", () => {
  for (const length of [0, 1, 2, 3, 4, 5, 191, 192, 193]) {
    const bytes = Uint8Array.from({ length }, (_, at) => (at * 37 + length) % 256);
    assert.equal(toBase64(bytes), Buffer.from(bytes).toString("base64"));
    assert.equal(toBase64(bytes).length, base64Length(length));
  }
});

const INVALID_HEX = {
  "too short": "ab",
  "too long": "abababab",
  "an odd number of digits": "ababa",
  "upper case": "ABABAB",
  "blanks between": "ab ab ",
  "other letters": "ababag",
  "full-width digits": "abab１２",
};

for (const [what, text] of Object.entries(INVALID_HEX)) {
  Deno.test(`hex with ${what} is refused`, () => assert.equal(hexBytes(text, 3), undefined));
}

const INVALID_BASE64 = {
  "a blank": "AAE CAw==",
  "a line break": "AAECAw==\n",
  "no padding": "AAECAw",
  "too much padding": "AAECAw===",
  "padding in the middle": "AA==AwQF",
  "bits left over": "AAECAx==",
  "the alphabet of URLs": "_-ECAw==",
};

for (const [what, text] of Object.entries(INVALID_BASE64)) {
  Deno.test(`base64 with ${what} is refused`, () => assert.equal(base64Bytes(text), undefined));
}
