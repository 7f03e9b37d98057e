import assert from "node:assert/strict";
import { SENDERS, type Sent } from "../../../shared/core/webhook/fake_senders.ts";
import { SCHEME_NAMES, type SchemeName } from "../../../shared/core/webhook/scheme.ts";
import { endpointOf, ID, sample, stage } from "./fake_stage.ts";

const ROUNDS = Number(Deno.env.get("JOBFORGE_FUZZ_ROUNDS") ?? "60");
const SEED = Number(Deno.env.get("JOBFORGE_SEED") ?? "20261128");

/** Returns a number below a bound, the next of a seed. */
function generator(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor(state / 2 ** 32 * below);
  };
}

type Random = ReturnType<typeof generator>;

/** What requests hold that no sender sends. All of it may stand in a header. */
const PIECES = [
  ...["", " ", ",", ";", "=", "%", "%00", "é", "0", "v1=", "sha256=", "{}", "[", '"', "null"],
  ...["-1", "1e999", "\t", "=".repeat(300), "a".repeat(5_000), "&a=1".repeat(1_200)],
];
const TYPES = ["application/json", "application/x-www-form-urlencoded", "text/plain", "image/png"];
const LARGE = 300_000;

function mutated(random: Random, text: string): string {
  const from = random(text.length + 1);
  const to = Math.min(text.length, from + random(4));
  return text.slice(0, from) + PIECES[random(PIECES.length)] + text.slice(to);
}

/** Returns a request under a secret that the endpoint does not have, with some parts changed. */
function forged(scheme: SchemeName, random: Random): Sent {
  const sent = sample(scheme, { secret: SENDERS[scheme].otherSecret });
  const headers = { ...sent.headers };
  let { body, query } = sent;
  const names = Object.keys(headers);
  const name = names[random(names.length)]!;
  if (random(2) === 0) headers[name] = mutated(random, headers[name]!).trim();
  if (random(4) === 0) headers["content-type"] = TYPES[random(TYPES.length)]!;
  if (random(4) === 0) query = mutated(random, query ?? "");
  if (random(2) === 0) body = mutated(random, body);
  if (random(8) === 0) body += " ".repeat(LARGE);
  return { ...sent, headers, body, ...(query ? { query } : {}) };
}

for (const scheme of SCHEME_NAMES) {
  Deno.test(`${scheme}: ${ROUNDS} forged requests get a refusal, never an error (seed ${SEED})`, async () => {
    const random = generator(SEED + SCHEME_NAMES.indexOf(scheme));
    const { post, received } = stage({ [ID]: endpointOf(scheme) });
    const seen = new Map<number, number>();
    for (let round = 0; round < ROUNDS; round++) {
      const sent = forged(scheme, random);
      const response = await post(sent);
      const problem = await response.json();
      seen.set(response.status, (seen.get(response.status) ?? 0) + 1);
      const context = JSON.stringify({ ...sent, body: sent.body.slice(0, 500) });
      assert.ok([401, 415].includes(response.status), `${response.status} ${context}`);
      assert.deepEqual(Object.keys(problem), ["type", "title", "status", "detail", "code"]);
      assert.equal(response.headers.get("content-type"), "application/problem+json");
    }
    assert.deepEqual(received, []);
    assert.ok((seen.get(401) ?? 0) > ROUNDS / 2, JSON.stringify([...seen]));
  });
}
