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

// Codes of Node 20 to 24. Their messages quote the certificate.
const OF_NODE: Record<string, [string, RegExp]> = {
  ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL: ["egress_http_version", /HTTP\/2/],
  ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION: ["egress_tls_unsupported", /TLS 1\.2/],
  ERR_SSL_UNSUPPORTED_PROTOCOL: ["egress_tls_unsupported", /TLS 1\.2/],
  ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED: ["egress_tls_unsupported", /client certificate/],
  CERT_HAS_EXPIRED: ["egress_tls_failed", /expired/],
  CERT_NOT_YET_VALID: ["egress_tls_failed", /not valid yet/],
  ERR_TLS_CERT_ALTNAME_INVALID: ["egress_tls_failed", /another name/],
  CERT_REVOKED: ["egress_tls_failed", /revoked/],
  SELF_SIGNED_CERT_IN_CHAIN: ["egress_tls_failed", /authority/],
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: ["egress_tls_failed", /authority/],
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: ["egress_tls_failed", /authority/],
  ERR_SSL_TLSV1_UNRECOGNIZED_NAME: ["egress_tls_failed", /no certificate for this name/],
  ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE: ["egress_tls_failed", /no cipher/],
  ERR_SSL_TLSV1_ALERT_INTERNAL_ERROR: ["egress_tls_failed", /ended the TLS handshake/],
  ERR_SSL_WRONG_VERSION_NUMBER: ["egress_tls_failed", /does not speak TLS/],
};
for (const [code, [expected, message]] of Object.entries(OF_NODE)) {
  Deno.test(`on Node, ${code} has its cause`, () => {
    const failure = tlsFailure(Object.assign(new Error("certificate of a.example"), { code }));
    assert.equal(failure?.code, expected);
    assert.match(failure.message, message);
    assert.doesNotMatch(failure.message, /a\.example/);
  });
}

Deno.test("an error of the connection below is none of TLS", () => {
  for (const thrown of [new Error("unexpected end of file"), "text", undefined]) {
    assert.equal(tlsFailure(thrown), undefined);
  }
});
