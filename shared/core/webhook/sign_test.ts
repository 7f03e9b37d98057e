import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { utf8 } from "../encoding/bytes.ts";
import { NOW, SENDERS } from "./fake_senders.ts";
import { signJobForge, signStandard } from "./sign.ts";

const { otherSecret, secret } = SENDERS["standard-webhooks"];
const MESSAGE = { id: "msg_1", timestamp: NOW, body: utf8('{"a":1}') };

Deno.test("every active secret signs, the newest first", async () => {
  const [first, second] = await Promise.all(
    [secret, otherSecret].map(async (each) =>
      (await signStandard([each], MESSAGE))["webhook-signature"]
    ),
  );
  const both = await signStandard([secret, otherSecret], MESSAGE);
  assert.equal(both["webhook-signature"], `${first} ${second}`);
});

const BAD_SECRETS: [string, string[]][] = [
  ["no secret", []],
  ["four secrets", [secret, secret, secret, secret]],
  ["a secret without prefix", [secret.slice("whsec_".length)]],
  ["the prefix alone", ["whsec_"]],
  ["a key of 23 bytes", [`whsec_${btoa("x".repeat(23))}`]],
  ["a key of 65 bytes", [`whsec_${btoa("x".repeat(65))}`]],
  ["one bad among good", [secret, "whsec_***"]],
];

for (const [what, secrets] of BAD_SECRETS) {
  Deno.test(`nothing is signed with ${what}, and no message shows it`, async () => {
    const thrown = await signStandard(secrets, MESSAGE).then(() => undefined, (error) => error);
    assert.ok(thrown instanceof RangeError);
    for (const each of secrets) assert.ok(!thrown.message.includes(each.slice(6) || "\0"));
  });
}

Deno.test("an id with a dot is not signed: it would shift what follows", async () => {
  await assert.rejects(signStandard([secret], { ...MESSAGE, id: "msg.1" }), RangeError);
  await assert.rejects(signStandard([secret], { ...MESSAGE, timestamp: 1.5 }), RangeError);
});

Deno.test("the plain scheme signs the time together with the body", async () => {
  const { otherSecret, secret } = SENDERS.jobforge;
  const hex = (key: string) => createHmac("sha256", key).update(`${NOW}.{"a":1}`).digest("hex");
  const header = await signJobForge([secret, otherSecret], MESSAGE);
  assert.equal(header, `t=${NOW},v1=${hex(secret)},v1=${hex(otherSecret)}`);
  await assert.rejects(signJobForge(["short"], MESSAGE), RangeError);
});
