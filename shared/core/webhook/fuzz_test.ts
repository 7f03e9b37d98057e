import assert from "node:assert/strict";
import {
  NOW,
  received,
  SENDERS,
  sendTwilioGet,
  sendTwilioJson,
  type Sent,
} from "./fake_senders.ts";
import { SCHEME_NAMES, type SchemeName } from "./scheme.ts";
import { verifyWebhook } from "./verify.ts";

const ROUNDS = Number(Deno.env.get("JOBFORGE_FUZZ_ROUNDS") ?? "150");
const SEED = Number(Deno.env.get("JOBFORGE_SEED") ?? "20261128");

/** Returns a generator of integers below a bound that a seed repeats. */
function generator(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

type Random = ReturnType<typeof generator>;

const PIECES = [
  ...[
    "",
    " ",
    ",",
    ", ",
    ";",
    "=",
    "&",
    "%",
    "%00",
    "+",
    "\0",
    "\r",
    "0",
    "A",
    "é",
    "😀",
    "\ud800",
  ],
  ...["v1=", "v0=", "t=", "sha256=", "{}", "[", '"', "\\u0000", "null", "1e999", `${NOW}`],
  ...["a".repeat(5_000), "=".repeat(300), "&a=1".repeat(1_200)],
];

/** Returns a text with a piece cut out, put in, doubled or swapped. */
function mutated(random: Random, text: string): string {
  const places = [random(text.length + 1), random(text.length + 1)];
  const [from, to] = [Math.min(...places), Math.max(...places)];
  const piece = PIECES[random(PIECES.length)]!;
  switch (random(5)) {
    case 0:
      return text.slice(0, from) + piece + text.slice(from);
    case 1:
      return text.slice(0, from) + piece + text.slice(to);
    case 2:
      return text.slice(0, to) + text.slice(from);
    case 3:
      return text.slice(to) + text.slice(0, from);
    default:
      return text.slice(0, from) + String.fromCharCode(random(0x180)) + text.slice(from + 1);
  }
}

/** Returns a request with one to three of its parts changed. */
function mutatedRequest(random: Random, sent: Sent): Sent {
  const changed = { ...sent, headers: { ...sent.headers } };
  for (let changes = 1 + random(3); changes > 0; changes--) {
    const names = Object.keys(changed.headers);
    const part = random(names.length + 3);
    if (part === names.length) changed.body = mutated(random, changed.body);
    else if (part === names.length + 1) changed.query = mutated(random, changed.query ?? "");
    else if (part === names.length + 2) changed.method = random(2) === 0 ? "GET" : "POST";
    else changed.headers[names[part]!] = mutated(random, changed.headers[names[part]!]!);
  }
  return changed;
}

/** A request whose headers are texts of any characters, as no `Headers` object holds them. */
function rawly(sent: Sent, url: string | undefined) {
  const header = (name: string) => sent.headers[name] ?? null;
  return { ...received({ ...sent, headers: {} }, url), header };
}

/** What a signature covers, however it is written: no change of it may be accepted. */
function signedPart(scheme: SchemeName, sent: Sent): string {
  const type = sent.headers["content-type"] ?? "";
  if (scheme !== "twilio" || !/^application\/x-www-form-urlencoded *(;|$)/i.test(type)) {
    return `${sent.body} ${scheme === "twilio" ? sent.query ?? "" : ""}`;
  }
  const members = [...new URLSearchParams(new TextDecoder().decode(utf8(sent.body)))];
  return [...new Set(members.map(([name, value]) => name + value))].sort().join("");
}

const utf8 = (text: string) => new TextEncoder().encode(text);

function samples(scheme: SchemeName): Sent[] {
  const { sample, secret, send } = SENDERS[scheme];
  const more = scheme === "twilio"
    ? [sendTwilioJson(secret, '{"a":1}'), sendTwilioGet(secret, "From=%2B1&Body=hi")]
    : [];
  return [send(secret, sample), ...more];
}

for (const scheme of SCHEME_NAMES) {
  Deno.test(`${scheme}: ${ROUNDS} mutated requests never throw, nor change what is signed (seed ${SEED})`, async () => {
    const random = generator(SEED + SCHEME_NAMES.indexOf(scheme));
    const { secret, signature, url } = SENDERS[scheme];
    const endpoint = { scheme, signature, secrets: [secret], toleranceSeconds: 300 };
    const count = { accepted: 0, refused: 0 };
    for (let round = 0; round < ROUNDS; round++) {
      const all = samples(scheme);
      const sent = all[random(all.length)]!;
      const changed = mutatedRequest(random, sent);
      const verdict = await verifyWebhook(endpoint, rawly(changed, url), parse, NOW);
      count[verdict.ok ? "accepted" : "refused"]++;
      if (!verdict.ok) continue;
      const signed = [changed, sent].map((each) => utf8(signedPart(scheme, each)).join());
      assert.equal(signed[0], signed[1], JSON.stringify({ changed, sent }));
      assert.match(verdict.replayKey, /^[!-~]{1,200}$/);
    }
    assert.ok(count.refused > ROUNDS / 2 && count.accepted > 0, JSON.stringify(count));
  });
}

function parse(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body));
  } catch {
    return undefined;
  }
}
