import assert from "node:assert/strict";
import { withDatabase } from "../../../local/test/test_database.ts";
import { SENDERS } from "../../../shared/core/webhook/fake_senders.ts";
import { keyOf, type SecretForm } from "../../../shared/core/webhook/keys.ts";
import { SCHEME_NAMES } from "../../../shared/core/webhook/scheme.ts";
import { schemeOf } from "../../../shared/core/webhook/schemes.ts";

const FORMS: SecretForm[] = ["text", "standard", "hex", "base64", "ed25519", "p256"];
const PEM = "-----BEGIN PUBLIC KEY-----\n#\n-----END PUBLIC KEY-----";

/** Secrets of every sender, and such that are almost of a form. */
const SECRETS = [
  ...Object.values(SENDERS).map(({ secret }) => secret),
  PEM.replace("#", SENDERS.sendgrid.secret.replace(/.{64}/, "$&\n")),
  SENDERS.sendgrid.secret.slice(0, -4),
  SENDERS.sendgrid.secret.replace("MFkw", "MFkx"),
  ...["", "short", "fifteen bytes!!", "sixteen bytes !!", "ä".repeat(8), "ä".repeat(7)],
  ...[15, 16, 24, 64, 65].flatMap((bytes) => {
    const text = btoa("~".repeat(bytes));
    const url = text.replaceAll("+", "-").replaceAll("/", "_");
    return [text, text.replaceAll("=", ""), `whsec_${text}`, `v1,whsec_${url}`, `v1,${text}`];
  }),
  ...["A".repeat(21) + "B", "A".repeat(22), "A".repeat(23), "A".repeat(25), "A".repeat(24) + "==="],
  ...["whsec_", "v1,whsec_", "whpk_" + "A".repeat(43), "v2,whsec_" + "A".repeat(32)],
  ...["ab".repeat(15), "ab".repeat(16), "AB".repeat(32), "ab".repeat(32), "ab".repeat(16) + "a"],
  ...["zz".repeat(32), "A B".repeat(16), "A\nB".repeat(16), "A".repeat(32) + "\u00e4"],
];

Deno.test("the database rejects the secrets that no scheme can use, and no others", async () => {
  await withDatabase(async ({ sql }) => {
    const seen = new Map(FORMS.map((form) => [form, new Set<boolean>()]));
    for (const form of FORMS) {
      const rows = await sql`
        select jobforge.problem_with_secret(${form}, secret) is null as usable
        from unnest(${SECRETS}::text[]) with ordinality as given (secret, n) order by n`;
      for (const [at, secret] of SECRETS.entries()) {
        const usable = keyOf(form, secret) !== undefined;
        assert.equal(rows[at]!.usable, usable, `${form}: ${JSON.stringify(secret)}`);
        seen.get(form)!.add(usable);
      }
    }
    for (const [form, answers] of seen) assert.equal(answers.size, 2, `${form} is tried both ways`);
  });
});

Deno.test("the database and the verifier expect secrets of one form for each scheme", async () => {
  await withDatabase(async ({ sql }) => {
    for (const scheme of SCHEME_NAMES) {
      const { signature } = SENDERS[scheme];
      const [row] = await sql`
        select jobforge.secret_form('webhook-verify', ${sql.json({ scheme })}) as form`;
      assert.equal(row!.form, schemeOf({ scheme, signature }).secretForm, scheme);
    }
    for (const secret of ["text", "hex", "base64"] as const) {
      const endpoint = { scheme: "custom", signature: { header: "x-s", secret } } as const;
      const [row] = await sql`
        select jobforge.secret_form('webhook-verify', ${sql.json(endpoint)}) as form`;
      assert.equal(row!.form, schemeOf(endpoint).secretForm);
    }
  });
});
