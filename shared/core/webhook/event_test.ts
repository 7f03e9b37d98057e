import assert from "node:assert/strict";
import { z } from "zod";
import { type Bytes, utf8 } from "../encoding/bytes.ts";
import { eventOf, webhookEvent } from "./event.ts";

function eventWith(body: Bytes, json: unknown, headers: Record<string, string> = {}) {
  const sent = new Headers(headers);
  const header = (name: string) => sent.get(name);
  return eventOf({ name: "default", scheme: "github" }, { id: "e1", body, json, header });
}

function nested(depth: number): unknown {
  return depth === 0 ? 1 : [nested(depth - 1)];
}

Deno.test("a job gets the parsed body and the headers with the kind of event", () => {
  const headers = {
    "content-type": "application/json",
    "x-github-event": "push",
    "x-hub-signature-256": "sha256=ab",
    "authorization": "Bearer x",
    "cookie": "a=b",
  };
  assert.deepEqual(eventWith(utf8('{"a":1}'), { a: 1 }, headers), {
    endpoint: "default",
    scheme: "github",
    id: "e1",
    headers: { "content-type": "application/json", "x-github-event": "push" },
    body: { a: 1 },
  });
});

Deno.test("a body that is not JSON comes as text, a binary one as base64", () => {
  assert.equal(eventWith(utf8("a=1&b=2"), undefined).text, "a=1&b=2");
  assert.equal(eventWith(new Uint8Array([0xff, 0x00]), undefined).base64, "/wA=");
  assert.equal(eventWith(utf8("a\0b"), undefined).base64, btoa("a\0b"));
});

const UNSTORABLE: [string, string][] = [
  ["NUL in a text", '{"a":"x\\u0000"}'],
  ["NUL in a name", '{"x\\u0000":1}'],
  ["a lone surrogate", '["\\ud800"]'],
  ["too many levels", JSON.stringify(nested(31))],
];

for (const [what, text] of UNSTORABLE) {
  Deno.test(`JSON with ${what} is kept as the text it came as`, () => {
    assert.equal(eventWith(utf8(text), JSON.parse(text)).text, text);
  });
}

Deno.test("JSON as deep as a job may be is kept as JSON", () => {
  assert.deepEqual(eventWith(utf8(""), nested(30)).body, nested(30));
});

Deno.test("long headers are cut", () => {
  const { headers } = eventWith(utf8("1"), 1, { "x-github-event": "x".repeat(1_000) });
  assert.equal(headers["x-github-event"]!.length, 256);
});

Deno.test("a job type can declare what its webhooks carry", () => {
  const schema = webhookEvent(z.object({ action: z.string() }));
  const event = eventWith(utf8('{"action":"opened"}'), { action: "opened" });
  assert.equal(schema.parse(event).body.action, "opened");
  assert.equal(schema.safeParse(eventWith(utf8("x"), undefined)).success, false);
});
