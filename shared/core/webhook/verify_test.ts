import assert from "node:assert/strict";
import { NOW, received, SENDERS, type Sent } from "./fake_senders.ts";
import { SCHEME_NAMES, type SchemeName } from "./scheme.ts";
import { type Verdict, verifyWebhook } from "./verify.ts";

/** Verifies a sent request against an endpoint of a scheme. */
function verify(
  scheme: SchemeName,
  sent: Sent,
  options: { secrets?: string[]; now?: number; tolerance?: number } = {},
): Promise<Verdict> {
  const { secrets = [SENDERS[scheme].secret], now = NOW, tolerance = 300 } = options;
  const { signature, url } = SENDERS[scheme];
  const endpoint = { scheme, signature, secrets, toleranceSeconds: tolerance };
  return verifyWebhook(endpoint, received(sent, url), parse, now);
}

function parse(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(body));
  } catch {
    return undefined;
  }
}

function sample(scheme: SchemeName, seconds?: number): Sent {
  const sender = SENDERS[scheme];
  return sender.send(sender.secret, sender.sample, seconds);
}

function withHeader(sent: Sent, name: string, change: (value: string) => string): Sent {
  return { ...sent, headers: { ...sent.headers, [name]: change(sent.headers[name]!) } };
}

/** The signature within its header. */
const SIGNATURE: Partial<Record<SchemeName, RegExp>> = {
  ...Object.fromEntries(
    ["standard-webhooks", "svix", "clerk", "resend", "supabase-auth", "polar"]
      .map((scheme) => [scheme, /(?<=v1,).*/]),
  ),
  intercom: /(?<=sha1=).*/,
  zoom: /(?<=v0=).*/,
  custom: /(?<=v1=).*/,
  stripe: /(?<=v1=)[0-9a-f]+/,
  github: /(?<=sha256=).*/,
  slack: /(?<=v0=).*/,
  paddle: /(?<=h1=).*/,
  jobforge: /(?<=v1=).*/,
};

/** Senders of Standard Webhooks share their headers. */
function familyOf(scheme: SchemeName): string {
  return /^(?:webhook|svix)-/.test(SENDERS[scheme].signatureHeader) ? "standard" : scheme;
}

function withSignature(scheme: SchemeName, change: (signature: string) => string): Sent {
  const pattern = SIGNATURE[scheme] ?? /.+/;
  const { signatureHeader } = SENDERS[scheme];
  return withHeader(sample(scheme), signatureHeader, (value) => value.replace(pattern, change));
}

for (const scheme of SCHEME_NAMES) {
  const { otherSecret, secret, signatureHeader } = SENDERS[scheme];

  Deno.test(`${scheme}: a genuine request is accepted`, async () => {
    assert.equal((await verify(scheme, sample(scheme))).ok, true);
  });

  Deno.test(`${scheme}: another body, secret or no secret is refused`, async () => {
    const sent = sample(scheme);
    const changed = { ...sent, body: sent.body.replace("2", "3").replace("o", "0") };
    const refused = { ok: false, cause: "signature" };
    assert.deepEqual(await verify(scheme, changed), refused);
    assert.deepEqual(await verify(scheme, sent, { secrets: [otherSecret] }), refused);
    assert.deepEqual(await verify(scheme, sent, { secrets: [] }), refused);
  });

  Deno.test(`${scheme}: any of three secrets will do, a fourth does not count`, async () => {
    const sent = sample(scheme);
    for (const secrets of [[otherSecret, secret], [otherSecret, otherSecret, secret]]) {
      assert.equal((await verify(scheme, sent, { secrets })).ok, true);
    }
    const fourth = { secrets: [otherSecret, otherSecret, otherSecret, secret] };
    assert.equal((await verify(scheme, sent, fourth)).ok, false);
  });

  const invalid: [string, (signature: string) => string][] = [
    ["cut short", (signature) => signature.slice(0, 8)],
    ["a digit too long", (signature) => `${signature}a`],
    ["empty", () => ""],
    ["with a blank", (signature) => `${signature.slice(0, 9)} ${signature.slice(10)}`],
    ["of letters alone", (signature) => "z".repeat(signature.length)],
    ["not ASCII", (signature) => `é${signature.slice(1)}`],
  ];
  for (const [what, change] of invalid) {
    Deno.test(`${scheme}: a signature that is ${what} is refused before any comparison`, async () => {
      const verdict = await verify(scheme, withSignature(scheme, change));
      assert.deepEqual(verdict, { ok: false, cause: "malformed" });
    });
  }

  Deno.test(`${scheme}: a signature with one bit changed is refused`, async () => {
    const flip = (signature: string) =>
      signature.slice(0, 20) + (signature[20] === "0" ? "1" : "0") + signature.slice(21);
    const verdict = await verify(scheme, withSignature(scheme, flip));
    assert.deepEqual(verdict, { ok: false, cause: "signature" });
  });

  Deno.test(`${scheme}: without its header, or with it doubled, a request is refused`, async () => {
    const sent = sample(scheme);
    const { [signatureHeader]: _, ...rest } = sent.headers;
    const refused = { ok: false, cause: "malformed" };
    assert.deepEqual(await verify(scheme, { ...sent, headers: rest }), refused);
    // The Auth server itself sends a list that looks like a header sent twice.
    if (scheme === "supabase-auth") return;
    const doubled = withHeader(sent, signatureHeader, (value) => `${value}, ${value}`);
    assert.deepEqual(await verify(scheme, doubled), refused);
  });

  Deno.test(`${scheme}: headers of other schemes mean nothing`, async () => {
    for (const other of SCHEME_NAMES) {
      if (familyOf(other) === familyOf(scheme)) continue;
      const sent = sample(other);
      const verdict = await verify(scheme, sent);
      assert.deepEqual(verdict, { ok: false, cause: "malformed" }, other);
      assert.equal((await verify(scheme, sent, { secrets: [SENDERS[other].secret] })).ok, false);
      const { headers } = sample(scheme);
      const mixed = { ...sent, headers: { ...sent.headers, ...headers }, body: sent.body };
      assert.equal((await verify(scheme, mixed)).ok, false, other);
    }
  });
}

Deno.test("bytes count, not the text they decode to", async () => {
  const body = (byte: number) => new Uint8Array([0x22, byte, 0x22]);
  const { secret } = SENDERS.github;
  const key = new TextEncoder().encode(secret);
  const hmacKey = await crypto.subtle.importKey(
    "raw",
    key,
    { name: "HMAC", hash: "SHA-256" },
    false,
    ["sign"],
  );
  const mac = new Uint8Array(await crypto.subtle.sign("HMAC", hmacKey, body(0xff)));
  const hex = Array.from(mac, (byte) => byte.toString(16).padStart(2, "0")).join("");
  const request = received({ headers: { "x-hub-signature-256": `sha256=${hex}` }, body: "" });
  const endpoint = { scheme: "github" as const, secrets: [secret], toleranceSeconds: 300 };
  const verdictOn = (byte: number) =>
    verifyWebhook(endpoint, { ...request, body: body(byte) }, parse, NOW);
  assert.equal((await verdictOn(0xff)).ok, true);
  assert.equal((await verdictOn(0xfe)).ok, false);
});

const TIMED: [SchemeName, string, RegExp][] = [
  ["standard-webhooks", "webhook-timestamp", /.*/],
  ["stripe", "stripe-signature", /(?<=t=)\d+/],
  ["slack", "x-slack-request-timestamp", /.*/],
  ["paddle", "paddle-signature", /(?<=ts=)\d+/],
  ["discord", "x-signature-timestamp", /.*/],
  ["jobforge", "x-jobforge-signature", /(?<=t=)\d+/],
  ["clerk", "svix-timestamp", /.*/],
  ["polar", "webhook-timestamp", /.*/],
  ["supabase-auth", "webhook-timestamp", /.*/],
  ["zoom", "x-zm-request-timestamp", /.*/],
  ["sendgrid", "x-twilio-email-event-webhook-timestamp", /.*/],
  ["hubspot", "x-hubspot-request-timestamp", /\d+(?=000$)/],
  ["custom", "acme-timestamp", /.*/],
];

for (const [scheme, header, pattern] of TIMED) {
  Deno.test(`${scheme}: a time is taken up to the tolerance, into the past and the future`, async () => {
    for (const seconds of [NOW - 300, NOW + 300]) {
      assert.equal((await verify(scheme, sample(scheme, seconds))).ok, true);
    }
    for (const seconds of [NOW - 301, NOW + 301, NOW * 2]) {
      const verdict = await verify(scheme, sample(scheme, seconds));
      assert.deepEqual(verdict, { ok: false, cause: "stale" }, String(seconds));
    }
    const narrow = await verify(scheme, sample(scheme, NOW - 11), { tolerance: 10 });
    assert.deepEqual(narrow, { ok: false, cause: "stale" });
  });

  Deno.test(`${scheme}: a request cannot be given another time`, async () => {
    const sent = withHeader(
      sample(scheme, NOW - 9_000),
      header,
      (value) => value.replace(pattern, String(NOW)),
    );
    assert.deepEqual(await verify(scheme, sent), { ok: false, cause: "signature" });
  });

  const invalid = [
    "",
    "abc",
    "-1",
    "0",
    "1e9",
    `+${NOW}`,
    `${NOW}.5`,
    `0${NOW}`,
    `${NOW}abc`,
    "NaN",
  ];
  for (const text of [...invalid, `${NOW}000`, "999999999", "0999999999", `${NOW} ${NOW}`]) {
    Deno.test(`${scheme}: "${text}" is not a time`, async () => {
      const sent = withHeader(sample(scheme), header, (value) => value.replace(pattern, text));
      assert.deepEqual(await verify(scheme, sent), { ok: false, cause: "malformed" });
    });
  }
}

Deno.test("an invalid secret verifies no request", async () => {
  const short = SENDERS.github.send("short", "{}");
  assert.equal((await verify("github", short, { secrets: ["short"] })).ok, false);
  for (const secret of ["whsec_", "", "whsec_AAAA", "whsec_***", "whsec_ AAAA"]) {
    const sent = sample("standard-webhooks");
    const verdict = await verify("standard-webhooks", sent, { secrets: [secret] });
    assert.deepEqual(verdict, { ok: false, cause: "secret" });
  }
});
