import assert from "node:assert/strict";
import { EgressRefused } from "./refusal.ts";
import { tlsFailure } from "./tls_failure.ts";

// Messages of Deno 2.1.4 and of the current one, as servers of each kind caused them.
const FOR_GOOD: Record<string, [string, RegExp]> = {
  "received fatal alert: NoApplicationProtocol": ["egress_http_version", /HTTP\/2/],
  "received fatal alert: ProtocolVersion": ["egress_tls_unsupported", /TLS 1\.2/],
  "peer is incompatible: ServerDoesNotSupportTls12Or13": ["egress_tls_unsupported", /TLS 1\.2/],
  "received fatal alert: CertificateRequired": ["egress_tls_unsupported", /client certificate/],
};
const FOR_NOW: Record<string, RegExp> = {
  "invalid peer certificate: Expired": /expired/,
  "invalid peer certificate: certificate expired: verification time 1795846474 (UNIX), but":
    /expired/,
  "invalid peer certificate: NotValidYet": /not valid yet/,
  "invalid peer certificate: certificate not valid yet: verification time 1795846474": /valid yet/,
  "invalid peer certificate: NotValidForName": /another name/,
  'invalid peer certificate: certificate not valid for name "a.example"; certificate is only':
    /name/,
  "invalid peer certificate: UnknownIssuer": /authority/,
  "invalid peer certificate: BadSignature": /authority/,
  "invalid peer certificate: Other(OtherError(CaUsedAsEndEntity))": /authority/,
  "invalid peer certificate: Revoked": /revoked/,
  "invalid peer certificate: BadEncoding": /not accepted/,
  "received fatal alert: HandshakeFailure": /no cipher/,
  "received fatal alert: UnrecognisedName": /no certificate for this name/,
  "received fatal alert: InternalError": /ended the TLS handshake/,
  "received corrupt message of type InvalidContentType": /does not speak TLS/,
};

for (const [text, [code, message]] of Object.entries(FOR_GOOD)) {
  Deno.test(`fails for good: ${text}`, () => {
    const failure = tlsFailure(new Error(text));
    assert.ok(failure instanceof EgressRefused);
    assert.equal(failure.code, code);
    assert.match(failure.message, message);
  });
}
for (const [text, message] of Object.entries(FOR_NOW)) {
  Deno.test(`may be over at the next attempt: ${text}`, () => {
    const failure = tlsFailure(new Error(text));
    assert.equal(failure?.code, "egress_tls_failed");
    assert.match(failure.message, message);
    assert.doesNotMatch(failure.message, /a\.example/);
  });
}

Deno.test("an error of the connection below is none of TLS", () => {
  for (const thrown of [new Error("unexpected end of file"), "text", undefined]) {
    assert.equal(tlsFailure(thrown), undefined);
  }
});
