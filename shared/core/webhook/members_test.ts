import assert from "node:assert/strict";
import { jsonMembers } from "../encoding/json_members.ts";
import { NOW, received, SENDERS } from "./fake_senders.ts";
import { SCHEME_NAMES, type SchemeName } from "./scheme.ts";
import { verifyWebhook } from "./verify.ts";

/** Bodies by which some scheme decides: its answer, its replay key or its time. */
const BODIES = [
  ...Object.values(SENDERS).map(({ sample }) => sample),
  ...['{"id":"evt_1"}', '{"event_id":"evt_1"}', '{"event_id":"Ev1"}', '{"id":"notif_1"}'],
  ...['{"meta":{"id":"m1","id2":2}}', '{"email_data":{"token":"1"}}', '{"sms":{"otp":"1"}}'],
  ...['{"type":0}', '{"type":1}', '{"type":1,"event":{"type":"A"}}', '{"type":"url_verification"}'],
  '{"type":"url_verification","challenge":"c1"}',
  '{"ssl_check":"1"}',
  '{"event":"endpoint.url_validation","payload":{"plainToken":"abc"}}',
  `{"webhookTimestamp":${NOW}000}`,
  `{"webhookTimestamp":${NOW - 61}000}`,
  ...["[]", "{", "no JSON"],
];

function whole(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(body));
  } catch {
    return undefined;
  }
}

/** Returns what is decided about a request, without the value of its body. */
async function decided(scheme: SchemeName, body: string, parse: typeof jsonMembers | typeof whole) {
  const { secret, send, signature, url } = SENDERS[scheme];
  const described = signature && { ...signature, id_member: "meta.id" };
  const endpoint = { scheme, signature: described, secrets: [secret], toleranceSeconds: 300 };
  const verdict = await verifyWebhook(endpoint, received(send(secret, body), url), parse, NOW);
  return verdict.ok ? { ...verdict, value: undefined } : verdict;
}

for (const scheme of SCHEME_NAMES) {
  Deno.test(`${scheme}: what it reads in a body is among its members`, async () => {
    for (const body of BODIES) {
      const [expected, found] = await Promise.all(
        [whole, jsonMembers].map((parse) => decided(scheme, body, parse)),
      );
      assert.deepEqual(found, expected, body);
    }
  });
}
