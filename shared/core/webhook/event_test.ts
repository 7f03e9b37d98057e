import assert from "node:assert/strict";
import { type Bytes, utf8 } from "../encoding/bytes.ts";
import { eventOf, storedEventOf } from "./event.ts";
import { NOW, received, SENDERS, type Sent } from "./fake_senders.ts";
import { SCHEME_NAMES, type SchemeName } from "./scheme.ts";
import { verifyWebhook } from "./verify.ts";

function eventWith(body: Bytes, value: unknown, headers: Record<string, string> = {}) {
  const sent = new Headers(headers);
  const header = (name: string) => sent.get(name);
  return eventOf({ name: "default", scheme: "github" }, { id: "e1", body, value, header });
}

function nested(depth: number): unknown {
  return depth === 0 ? 1 : [nested(depth - 1)];
}

Deno.test("the payload beside a stored body has all but the body", () => {
  const header = (name: string) => name === "x-github-event" ? "push" : null;
  assert.deepEqual(storedEventOf({ name: "a", scheme: "github" }, { id: "e1", header }), {
    ...{ endpoint: "a", scheme: "github", id: "e1", headers: { "x-github-event": "push" } },
  });
});

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
  assert.equal(eventWith(utf8("\ufeffa"), undefined).text, "\ufeffa");
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

/** Returns the event of a sender's request after it was verified. */
async function eventOfSent(scheme: SchemeName, sent: Sent) {
  const { secret, url } = SENDERS[scheme];
  const request = received(sent, url);
  const endpoint = { name: "default", scheme, secrets: [secret], toleranceSeconds: 300 };
  const verdict = await verifyWebhook(endpoint, request, jsonOrNothing, NOW);
  if (!verdict.ok) throw new Error(verdict.cause);
  const { replayKey, value } = verdict;
  const { body, header } = request;
  return eventOf(endpoint, { id: replayKey, body, value, header });
}

function jsonOrNothing(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(body));
  } catch {
    return undefined;
  }
}

function form(scheme: SchemeName, body: string): Sent {
  const { secret, send } = SENDERS[scheme];
  const sent = send(secret, body);
  const type = { "content-type": "application/x-www-form-urlencoded" };
  return { ...sent, headers: { ...sent.headers, ...type } };
}

Deno.test("a form of another sender, or of other members, stays a form", async () => {
  const forms: [SchemeName, string, unknown][] = [
    ["jobforge", "payload=%7B%7D", { payload: "{}" }],
    ["github", "payload=%7B%7D&a=1", { payload: "{}", a: "1" }],
    ["github", "payload=no+JSON", { payload: "no JSON" }],
    ["github", "payload=1&payload=2", { payload: ["1", "2"] }],
  ];
  for (const [scheme, text, body] of forms) {
    assert.deepEqual((await eventOfSent(scheme, form(scheme, text))).body, body, text);
  }
});

Deno.test("a form that jsonb cannot hold is kept as the text it came as", async () => {
  for (const text of ["a=%00", "a=%FF", "%zz=1"]) {
    const event = await eventOfSent("jobforge", form("jobforge", text));
    assert.deepEqual([event.text, event.body], [text, undefined]);
  }
});

const SHOPIFY = ["topic", "shop-domain", "webhook-id", "event-id", "api-version", "triggered-at"];

/** What each sender says in headers beside its signature. The other senders say nothing. */
const KEPT: Partial<Record<SchemeName, string[]>> = {
  github: ["x-github-event", "x-github-delivery", "x-github-hook-id"],
  shopify: SHOPIFY.flatMap((name) => [`x-shopify-${name}`, `shopify-${name}`]),
  linear: ["linear-event", "linear-delivery"],
  lemonsqueezy: ["x-event-name"],
  slack: ["x-slack-retry-num", "x-slack-retry-reason"],
  zoom: ["x-zm-trackingid"],
  twilio: ["i-twilio-idempotency-token"],
};

const ALL_KEPT = Object.values(KEPT).flat();

for (const scheme of SCHEME_NAMES) {
  const kept = ["content-type", ...KEPT[scheme] ?? []];
  Deno.test(`${scheme}: a job gets the headers ${kept.join(", ")} and no other`, () => {
    const sent = new Headers(
      ["content-type", "x-request-id", ...ALL_KEPT].map((name): [string, string] => [name, name]),
    );
    const header = (name: string) => sent.get(name);
    const { signature } = SENDERS[scheme];
    const { headers } = storedEventOf({ name: "a", scheme, signature }, { id: "e1", header });
    assert.deepEqual(headers, Object.fromEntries(kept.map((name) => [name, name])));
  });
}
