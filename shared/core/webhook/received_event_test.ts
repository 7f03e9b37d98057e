import assert from "node:assert/strict";
import * as z from "zod";
import { type Bytes, toBase64, utf8 } from "../encoding/bytes.ts";
import { checkPayload } from "../job/payload.ts";
import { defineJob } from "../job/job_type.ts";
import { eventOf, type WebhookEvent } from "./event.ts";
import { NOW, received, SENDERS, sendTwilioGet, type Sent } from "./fake_senders.ts";
import { webhookEvent } from "./received_event.ts";
import type { SchemeName } from "./scheme.ts";
import { verifyWebhook } from "./verify.ts";

const FORM = { "content-type": "application/x-www-form-urlencoded" };
const nothingStored = { storedBody: () => Promise.reject(new Error("nothing is stored")) };
const action = webhookEvent(z.object({ action: z.string() }));

/** A context with a stored body. */
const storing = (bytes: Bytes) => ({ storedBody: () => Promise.resolve(bytes) });

function payload(more: Partial<WebhookEvent>): WebhookEvent {
  return { endpoint: "default", scheme: "github", id: "e1", headers: {}, ...more };
}

function jsonOrNothing(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(body));
  } catch {
    return undefined;
  }
}

/** Returns the payload of a sender's request after it was verified, its body in it. */
async function payloadOf(scheme: SchemeName, sent: Sent): Promise<WebhookEvent> {
  const { secret, url } = SENDERS[scheme];
  const request = received(sent, url);
  const endpoint = { name: "default", scheme, secrets: [secret], toleranceSeconds: 300 };
  const verdict = await verifyWebhook(endpoint, request, jsonOrNothing, NOW);
  if (!verdict.ok) throw new Error(verdict.cause);
  const { replayKey, value } = verdict;
  return eventOf(endpoint, { id: replayKey, body: request.body, value, header: request.header });
}

function form(scheme: SchemeName, body: string): Sent {
  const { secret, send } = SENDERS[scheme];
  const sent = send(secret, body);
  return { ...sent, headers: { ...sent.headers, ...FORM } };
}

Deno.test("an event has what its payload has", () => {
  const { endpoint, headers, id, scheme } = action.parse(
    payload({ headers: { "x-github-event": "push" }, body: { action: "opened" } }),
  );
  assert.deepEqual([endpoint, scheme, id, headers], [
    ...["default", "github", "e1"],
    { "x-github-event": "push" },
  ]);
});

Deno.test("the body of an event is typed, wherever it is kept", async () => {
  const text = '{"action":"opened","more":1}';
  const kept: [Partial<WebhookEvent>, Bytes?][] = [
    [{ body: JSON.parse(text) }],
    [{ text }],
    [{ base64: btoa(text) }],
    [{ stored: { bytes: text.length } }, utf8(text)],
  ];
  for (const [more, bytes] of kept) {
    const context = bytes ? storing(bytes) : nothingStored;
    const body: { action: string } = await action.parse(payload(more)).json(context);
    assert.deepEqual(body, { action: "opened" });
  }
});

Deno.test("an event that was kept as it came is read byte for byte", async () => {
  const bytes = Uint8Array.from([0xef, 0xbb, 0xbf, 0x7b, 0x0d, 0x0a, 0x7d, 0xc3, 0xa9]);
  const kept: [Partial<WebhookEvent>, Bytes?][] = [
    [{ text: new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes) }],
    [{ base64: toBase64(bytes) }],
    [{ stored: { bytes: bytes.length } }, bytes],
  ];
  for (const [more, stored] of kept) {
    const event = action.parse(payload(more));
    const context = stored ? storing(stored) : nothingStored;
    assert.deepEqual(await event.bytes(context), bytes);
    assert.equal(await event.text(context), "\ufeff{\r\n}é");
  }
});

Deno.test("the bytes of an event that was stored as JSON are not made up", async () => {
  const event = action.parse(payload({ body: { action: "opened" } }));
  for (const read of [event.bytes(nothingStored), event.text(nothingStored)]) {
    await assert.rejects(read, { name: "PermanentError", code: "body_not_kept" });
  }
});

Deno.test("a stored body is read when it is asked for, and not before", async () => {
  let reads = 0;
  const context = { storedBody: () => (reads++, Promise.resolve(utf8('{"action":"a"}'))) };
  const event = action.parse(payload({ stored: { bytes: 14 } }));
  assert.equal(reads, 0);
  await event.json(context);
  assert.equal(reads, 1);
});

const FORMS: [what: string, scheme: SchemeName, body: string, expected: unknown][] = [
  ["a form", "jobforge", "a=1&b=x+y&b=%C3%A9", { a: "1", b: ["x y", "é"] }],
  ["JSON in a form of Slack", "slack", "payload=%7B%22a%22%3A1%7D", { a: 1 }],
  ["JSON in a form of GitHub", "github", "payload=%7B%22a%22%3A1%7D", { a: 1 }],
  ["the same form of another sender", "custom", "payload=%7B%7D", { payload: "{}" }],
];

for (const [what, scheme, body, expected] of FORMS) {
  Deno.test(`${what} has its members also when it is stored`, async () => {
    const stored = payload({ scheme, headers: FORM, stored: { bytes: body.length } });
    assert.deepEqual(
      await webhookEvent(z.unknown()).parse(stored).json(storing(utf8(body))),
      expected,
    );
  });
}

const INVALID: [what: string, body: string, message: RegExp][] = [
  ["text", "no JSON", /neither JSON nor a form/],
  ["bytes that are not UTF-8", "\xff", /neither JSON nor a form/],
  [
    "another shape",
    '{"action":1}',
    /does not fit: action must be a string, not a number \(invalid_type\)/,
  ],
];

for (const [what, body, message] of INVALID) {
  Deno.test(`json() of ${what} is a permanent failure`, async () => {
    const bytes = Uint8Array.from(body, (character) => character.charCodeAt(0));
    const event = action.parse(payload({ stored: { bytes: bytes.length } }));
    const expected = { name: "PermanentError", code: "invalid_payload", message };
    await assert.rejects(event.json(storing(bytes)), expected);
  });
}

Deno.test("JSON that takes much more memory than its bytes is not parsed", async () => {
  const event = webhookEvent(z.unknown()).parse(payload({ stored: { bytes: 1 } }));
  const dense = (containers: number) => utf8(`[${"{},".repeat(containers - 2)}{}]`);
  await event.json(storing(dense(250_000)));
  const expected = { name: "PermanentError", code: "too_many_values" };
  await assert.rejects(event.json(storing(dense(250_001))), expected);
  const form = payload({ scheme: "slack", headers: FORM, stored: { bytes: 1 } });
  const inForm = utf8(`payload=[${"%7B%7D,".repeat(250_000)}%7B%7D]`);
  await assert.rejects(webhookEvent(z.unknown()).parse(form).json(storing(inForm)), expected);
});

Deno.test("a payload that does not fit is refused before its handler, with its path", () => {
  const definition = defineJob({ type: "pushed", payload: action });
  const refused: [unknown, string][] = [
    [payload({ body: { action: 1 } }), "body.action"],
    [payload({}), "(root)"],
    [payload({ body: { action: "a" }, stored: { bytes: 1 } }), "(root)"],
    [payload({ text: "a", base64: "YQ==" }), "(root)"],
    [payload({ base64: "?" }), "base64"],
    [payload({ stored: { bytes: -1 } }), "stored.bytes"],
    [{ ...payload({ text: "a" }), more: 1 }, "(root)"],
  ];
  for (const [value, path] of refused) {
    const check = checkPayload(definition, value);
    assert.equal(check.ok || check.issues[0]?.path, path, JSON.stringify(value));
  }
});

Deno.test("a message of Twilio has typed members, by POST and by GET", async () => {
  const schema = webhookEvent(z.object({ From: z.string(), Body: z.string() }));
  const { secret } = SENDERS.twilio;
  const query = "From=%2B4934&Body=hi+there&NumMedia=0";
  for (const sent of [form("twilio", query), sendTwilioGet(secret, query)]) {
    const body = await schema.parse(await payloadOf("twilio", sent)).json(nothingStored);
    const typed: { From: string; Body: string } = body;
    assert.deepEqual(typed, { From: "+4934", Body: "hi there" });
  }
});

Deno.test("a command of Slack has typed members", async () => {
  const schema = webhookEvent(z.object({ command: z.string(), text: z.string() }));
  const event = await payloadOf("slack", form("slack", "command=%2Fdo&text=&trigger_id=1"));
  assert.deepEqual(await schema.parse(event).json(nothingStored), { command: "/do", text: "" });
});

Deno.test("the JSON in a form of GitHub or Slack is the body, as if it came alone", async () => {
  const body = `payload=${encodeURIComponent('{"action":"opened & closed"}')}`;
  for (const scheme of ["github", "slack"] as const) {
    const event = action.parse(await payloadOf(scheme, form(scheme, body)));
    assert.equal((await event.json(nothingStored)).action, "opened & closed");
  }
});
