import assert from "node:assert/strict";
import { sign as octokitSign, verify as octokitVerify } from "@octokit/webhooks-methods";
import { Webhook } from "standardwebhooks";
import { toBase64, utf8 } from "../encoding/bytes.ts";
import { received, type Sent } from "./fake_senders.ts";
import type { SchemeName } from "./scheme.ts";
import { signStandard } from "./sign.ts";
import { verifyWebhook } from "./verify.ts";

const ROUNDS = 300;
const SEED = Number(Deno.env.get("JOBFORGE_SEED") ?? "20261122");

/** Returns a generator of numbers in [0, 1) that a seed repeats. */
function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

type Random = () => number;

function pick<Item>(random: Random, items: readonly Item[]): Item {
  return items[Math.floor(random() * items.length)]!;
}

function randomSecret(random: Random): string {
  const bytes = Uint8Array.from({ length: 24 + Math.floor(random() * 41) }, () => random() * 256);
  return `whsec_${toBase64(bytes)}`;
}

function randomBody(random: Random): string {
  const pieces = ["a", "é", "漢", "😀", '"', "\\", " ", "\n", "{}", "$&", "0", "."];
  const text = Array.from({ length: 1 + random() * 40 }, () => pick(random, pieces)).join("");
  return JSON.stringify({ text });
}

/** Returns a text with one character changed to another of the same kind. */
function damaged(random: Random, text: string, pattern: RegExp): string {
  const places = [...text.matchAll(pattern)].map((match) => match.index);
  const at = pick(random, places);
  return text.slice(0, at) + (text[at] === "A" ? "B" : "A") + text.slice(at + 1);
}

async function weAccept(scheme: SchemeName, secret: string, sent: Sent, now: number) {
  const endpoint = { scheme, secrets: [secret], toleranceSeconds: 300 };
  return (await verifyWebhook(endpoint, received(sent), () => ({}), now)).ok;
}

function theyAccept(secret: string, sent: Sent): boolean {
  try {
    new Webhook(secret).verify(sent.body, sent.headers);
    return true;
  } catch {
    return false;
  }
}

/** Defects that both implementations must reject alike. */
const DEFECTS: Record<string, (random: Random, sent: Sent) => Sent> = {
  none: (_, sent) => sent,
  body: (_, sent) => ({ ...sent, body: `${sent.body} ` }),
  id: (_, sent) => changed(sent, "webhook-id", (id) => `${id}x`),
  signature: (random, sent) =>
    changed(sent, "webhook-signature", (list) => damaged(random, list, /(?<=,.{2})[A-Za-z0-9+/]/g)),
  "bad ones around": (_, sent) =>
    changed(sent, "webhook-signature", (list) => {
      const bad = `v1,${btoa("x".repeat(32))}`;
      return `${bad} ${list} v2,AAAA ${bad}`;
    }),
  "another version": (_, sent) =>
    changed(sent, "webhook-signature", (list) => list.replaceAll("v1,", "v2,")),
  "no signature": (_, sent) => changed(sent, "webhook-signature", () => ""),
};

function changed(sent: Sent, name: string, change: (value: string) => string): Sent {
  return { ...sent, headers: { ...sent.headers, [name]: change(sent.headers[name]!) } };
}

Deno.test(`standardwebhooks and we agree on ${ROUNDS} messages (seed ${SEED})`, async () => {
  const random = generator(SEED);
  const agreed = { accepted: 0, refused: 0 };
  for (let round = 0; round < ROUNDS; round++) {
    const [secret, other] = [randomSecret(random), randomSecret(random)];
    const now = Math.floor(Date.now() / 1000);
    // A minute from the edge of the tolerance, since both sides look at a clock that runs.
    const timestamp = now + pick(random, [0, -240, 240, -360, 360]);
    const body = randomBody(random);
    const message = { id: `msg_${round}`, timestamp, body: utf8(body) };
    const signers = pick(random, [[secret], [other, secret], [other]]);
    const headers = await signStandard(signers, message);
    const defect = pick(random, Object.keys(DEFECTS));
    const sent = DEFECTS[defect]!(random, { headers, body });
    const theirs = theyAccept(secret, sent);
    assert.equal(await weAccept("standard-webhooks", secret, sent, now), theirs, defect);
    agreed[theirs ? "accepted" : "refused"]++;
  }
  assert.ok(agreed.accepted > 30 && agreed.refused > 30, JSON.stringify(agreed));
});

Deno.test("standardwebhooks verifies what we sign, under each secret of a rotation", async () => {
  const random = generator(SEED);
  for (let round = 0; round < 100; round++) {
    const secrets = Array.from({ length: 1 + round % 3 }, () => randomSecret(random));
    const body = randomBody(random);
    const timestamp = Math.floor(Date.now() / 1000);
    const id = `msg_${crypto.randomUUID()}`;
    const headers = await signStandard(secrets, { id, timestamp, body: utf8(body) });
    for (const secret of secrets) {
      assert.deepEqual(new Webhook(secret).verify(body, headers), JSON.parse(body));
    }
  }
});

Deno.test("we verify what standardwebhooks signs", async () => {
  const random = generator(SEED);
  for (let round = 0; round < 100; round++) {
    const secret = randomSecret(random);
    const body = randomBody(random);
    const now = Math.floor(Date.now() / 1000);
    const signature = new Webhook(secret).sign(`msg_${round}`, new Date(now * 1000), body);
    const headers = {
      "webhook-id": `msg_${round}`,
      "webhook-timestamp": `${now}`,
      "webhook-signature": signature,
    };
    assert.ok(await weAccept("standard-webhooks", secret, { headers, body }, now));
  }
});

Deno.test(`octokit and we agree on ${ROUNDS} deliveries (seed ${SEED})`, async () => {
  const random = generator(SEED);
  for (let round = 0; round < ROUNDS; round++) {
    const [secret, other] = [randomSecret(random), randomSecret(random)];
    const body = randomBody(random);
    const signature = await octokitSign(pick(random, [secret, secret, other]), body);
    const shown = pick(random, [signature, signature, damaged(random, signature, /[0-9](?=.)/g)])
      .toLowerCase();
    const sentBody = pick(random, [body, body, body, `${body} `]);
    const sent = { headers: { "x-hub-signature-256": shown }, body: sentBody };
    const theirs = await octokitVerify(secret, sentBody, shown);
    assert.equal(await weAccept("github", secret, sent, 0), theirs);
  }
});
