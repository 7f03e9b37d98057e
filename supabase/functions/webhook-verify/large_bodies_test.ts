import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { JobForgeError } from "../../../shared/core/errors.ts";
import {
  SENDERS,
  sendTwilioGet,
  sendTwilioJson,
  type Sent,
} from "../../../shared/core/webhook/fake_senders.ts";
import { SCHEME_NAMES, type SchemeName } from "../../../shared/core/webhook/scheme.ts";
import { endpointOf, ID, sample, stage } from "./fake_stage.ts";
import { LargeBodies } from "./large_bodies.ts";
import { MAX_BODY_BYTES, MAX_INLINE_BYTES } from "./sizes.ts";

/** Returns a typical body of a sender, made as long as wanted by a member in the middle. */
function ofLength(scheme: SchemeName, length: number): string {
  const { sample } = SENDERS[scheme];
  const filler = scheme === "twilio" ? ["&Filler=", ""] : [',"filler":"', '"'];
  const at = scheme === "twilio" ? sample.length : sample.lastIndexOf("}");
  const around = [sample.slice(0, at) + filler[0], filler[1] + sample.slice(at)];
  return around.join("x".repeat(length - around.join("").length));
}

function signed(scheme: SchemeName, body: string): Sent {
  return SENDERS[scheme].send(SENDERS[scheme].secret, body);
}

/** Compares bytes. `deepEqual` takes minutes for millions of them on Deno 2.1.4. */
function assertBytes(bytes: Uint8Array | undefined, text: string): void {
  assert.ok(bytes && Buffer.from(text).equals(bytes), `${bytes?.length} bytes`);
}

for (const scheme of SCHEME_NAMES) {
  Deno.test(`${scheme}: a body of 5 MiB is stored as it was signed`, async () => {
    const { post, received } = stage({ [ID]: endpointOf(scheme) });
    const body = ofLength(scheme, MAX_BODY_BYTES);
    const response = await post(signed(scheme, body));
    assert.ok(response.ok, await response.text());
    assert.equal(received.length, 1);
    assertBytes(received[0]!.body, body);
    const { endpoint, headers, id, ...more } = received[0]!.payload as Record<string, unknown>;
    assert.deepEqual([endpoint, id, more], ["incoming", received[0]!.replayKey, { scheme }]);
    assert.ok(headers);
  });

  Deno.test(`${scheme}: a large body with another byte is refused`, async () => {
    const { post, received } = stage({ [ID]: endpointOf(scheme) });
    const sent = signed(scheme, ofLength(scheme, MAX_INLINE_BYTES + 1));
    const response = await post({ ...sent, body: sent.body.replace("xx", "xy") });
    assert.equal(response.status, 401);
    assert.deepEqual(received, []);
  });
}

Deno.test("twilio: JSON of 5 MiB is stored as its hash was signed", async () => {
  const { post, received } = stage({ [ID]: endpointOf("twilio") });
  const body = JSON.stringify("x".repeat(MAX_BODY_BYTES - 2));
  assert.equal((await post(sendTwilioJson(SENDERS.twilio.secret, body))).status, 204);
  assertBytes(received[0]!.body, body);
});

Deno.test("a body of 256 KiB is in the payload, one byte more is beside the job", async () => {
  const { post, received } = stage({ [ID]: endpointOf("github") });
  await post(signed("github", ofLength("github", MAX_INLINE_BYTES)));
  await post(signed("github", ofLength("github", MAX_INLINE_BYTES + 1)));
  const [inline, stored] = received;
  assert.equal(inline!.body, undefined);
  assert.ok((inline!.payload as { body: unknown }).body);
  assert.equal(stored!.body!.length, MAX_INLINE_BYTES + 1);
  assert.equal((stored!.payload as { body?: unknown }).body, undefined);
});

Deno.test("an endpoint that keeps bodies stores small ones as well, but none of a GET", async () => {
  const github = stage({ [ID]: { ...endpointOf("github"), keepBody: true } });
  await github.post(sample("github"));
  assertBytes(github.received[0]!.body, sample("github").body);
  assert.equal((github.received[0]!.payload as { body?: unknown }).body, undefined);
  const twilio = stage({ [ID]: { ...endpointOf("twilio"), keepBody: true } });
  await twilio.post(sendTwilioGet(SENDERS.twilio.secret, "From=%2B1"));
  assert.deepEqual(twilio.received[0]!.payload, {
    ...{ endpoint: "incoming", scheme: "twilio", id: twilio.received[0]!.replayKey, headers: {} },
    body: { From: "+1" },
  });
});

Deno.test("an event that the database calls too large for a payload is stored beside it", async () => {
  const kept: (Uint8Array | undefined)[] = [];
  const receive = (...[, , , , body]: [string, string, unknown, string, Uint8Array?]) => {
    kept.push(body);
    const tooLarge = new JobForgeError("payload_too_large", "the event must be smaller");
    return body ? Promise.resolve({ job_id: "j", duplicate: false }) : Promise.reject(tooLarge);
  };
  const { post } = stage({ [ID]: endpointOf("github") }, { receive });
  const dense = `[${"1,".repeat(100_000)}1]`;
  assert.equal((await post(signed("github", dense))).status, 202);
  assert.deepEqual([kept.length, kept[0]], [2, undefined]);
  assertBytes(kept[1], dense);
});

Deno.test("a large body is not parsed whole, which could take all memory", async () => {
  const { parse } = JSON;
  let longest = 0;
  JSON.parse = (text, ...more) => (longest = Math.max(longest, text.length), parse(text, ...more));
  try {
    for (const scheme of ["stripe", "slack", "linear"] as const) {
      const { post, received } = stage({ [ID]: endpointOf(scheme) });
      await post(signed(scheme, ofLength(scheme, MAX_INLINE_BYTES + 1)));
      assert.equal(received.length, 1);
    }
  } finally {
    JSON.parse = parse;
  }
  assert.ok(longest > 0 && longest < 100, `${longest}`);
});

Deno.test("another error of the database is not taken for that", async () => {
  let calls = 0;
  const receive = () => (calls++, Promise.reject(new JobForgeError("queue_full", "full")));
  const { post } = stage({ [ID]: endpointOf("github") }, { receive });
  assert.equal((await post(sample("github"))).status, 429);
  assert.equal(calls, 1);
});

/** A request whose body comes as the test sends it. */
function streamed(bytes: number, declared: boolean) {
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
  const headers: Record<string, string> = { "content-type": "application/json" };
  if (declared) headers["content-length"] = `${bytes}`;
  const writer = writable.getWriter();
  return { init: { method: "POST", headers, body: readable }, writer };
}

const enoughTime = { bodyDeadline: () => new AbortController().signal };
const PATH = `/webhook-verify/${ID}`;

for (const declared of [true, false]) {
  Deno.test(`large bodies beyond the places are refused at once (length ${declared ? "declared" : "unknown"})`, async () => {
    const { app, asked, post, received } = stage({ [ID]: endpointOf("github") }, {}, {
      ...enoughTime,
      largeBodies: new LargeBodies(2),
    });
    const held = [1, 2].map(() => streamed(MAX_INLINE_BYTES + 1, declared));
    const answers = held.map(({ init }) => app.request(PATH, init));
    for (const { writer } of held) await writer.write(new Uint8Array(MAX_INLINE_BYTES + 1));
    const refused = await post(signed("github", ofLength("github", MAX_INLINE_BYTES + 1)));
    assert.deepEqual([refused.status, (await refused.json()).code], [503, "unavailable"]);
    assert.equal(refused.headers.get("retry-after"), "5");
    assert.equal((await post(sample("github"))).status, 202);
    for (const { writer } of held) await writer.close();
    for (const answer of answers) assert.equal((await answer).status, 401);
    const later = await post(signed("github", ofLength("github", MAX_INLINE_BYTES + 1)));
    assert.equal(later.status, 202);
    assert.deepEqual([asked.length, received.length], [4, 2]);
  });
}

Deno.test("a large body that comes too slowly frees its place", async () => {
  const deadline = new AbortController();
  const { app, asked, post } = stage({ [ID]: endpointOf("github") }, {}, {
    bodyDeadline: () => deadline.signal,
    largeBodies: new LargeBodies(1),
  });
  const { init, writer } = streamed(MAX_INLINE_BYTES + 10, true);
  const answer = app.request(PATH, init);
  await writer.write(new Uint8Array(10));
  const closed = writer.closed.catch(() => {});
  deadline.abort();
  const { code, detail } = await (await answer).json();
  assert.deepEqual([code, detail], ["unavailable", "the body did not come in time: send it again"]);
  await closed;
  assert.deepEqual(asked, []);
  assert.equal((await post(sample("github"))).status, 202);
});

Deno.test("a place is freed after every end", async () => {
  const largeBodies = new LargeBodies(1);
  const failing = { find: () => Promise.reject(new JobForgeError("unavailable", "away")) };
  const large = signed("github", ofLength("github", MAX_INLINE_BYTES + 1));
  const stages = [
    stage({ [ID]: endpointOf("github") }, failing, { largeBodies }),
    stage({}, {}, { largeBodies }),
    stage({ [ID]: endpointOf("github") }, {}, { largeBodies }),
    stage({ [ID]: endpointOf("github") }, {}, { largeBodies }),
  ];
  const statuses = [];
  for (const { post } of stages) statuses.push((await post(large)).status);
  assert.deepEqual(statuses, [503, 401, 202, 202]);
});

Deno.test("large bodies are verified one after the other, small ones beside them", async () => {
  const bodies = new LargeBodies(2);
  const order: string[] = [];
  const first = Promise.withResolvers<void>();
  const inTurn = (name: string, large: boolean, wait?: Promise<void>) =>
    bodies.hold((place) => {
      if (large) place.enter();
      return place.inTurn(async () => {
        order.push(`${name} begins`);
        await wait;
        order.push(`${name} ends`);
      });
    });
  const all = [
    inTurn("a", true, first.promise),
    inTurn("b", true),
    inTurn("small", false),
  ];
  await all[2];
  first.resolve();
  await Promise.all(all);
  const large = order.filter((entry) => !entry.startsWith("small"));
  assert.deepEqual(large, ["a begins", "a ends", "b begins", "b ends"]);
  assert.ok(order.indexOf("small ends") < order.indexOf("a ends"));
  const failed = bodies.hold((place) => (place.enter(), place.inTurn(() => Promise.reject("x"))));
  await assert.rejects(failed);
  await inTurn("c", true);
});
