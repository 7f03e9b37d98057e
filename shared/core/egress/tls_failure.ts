import { EgressFailed, EgressRefused } from "./refusal.ts";

/** Alerts and errors of TLS, as every Deno and Node names them, and what they say of the host. */
const CAUSES: [RegExp, (message: string) => EgressFailed | EgressRefused, string][] = [
  // These stay until the host is set up anew.
  [
    /NoApplicationProtocol|NO_APPLICATION_PROTOCOL/,
    version,
    "the host does not support HTTP/1.1, perhaps only HTTP/2",
  ],
  [
    /ProtocolVersion|Tls12OrTls13|Tls12Or13|ALERT_PROTOCOL_VERSION|UNSUPPORTED_PROTOCOL/i,
    unsupported,
    "the host speaks no TLS 1.2 or later",
  ],
  [
    /CertificateRequired|CERTIFICATE_REQUIRED/,
    unsupported,
    "the host requires a client certificate",
  ],
  // These may be over at the next attempt.
  [
    /certificate.*(?:NotValidYet|not valid yet)|CERT_NOT_YET_VALID/,
    failed,
    "the host's certificate is not valid yet",
  ],
  [
    /certificate.*(?:Expired|certificate expired)|CERT_HAS_EXPIRED/,
    failed,
    "the host's certificate has expired",
  ],
  [
    /certificate.*(?:NotValidForName|not valid for name)|CERT_ALTNAME_INVALID/,
    failed,
    "the host's certificate is for another name",
  ],
  [/certificate.*Revoked|CERT_REVOKED/, failed, "the host's certificate was revoked"],
  [
    /certificate.*(?:UnknownIssuer|CaUsedAsEndEntity|BadSignature)|SELF_SIGNED_CERT|ISSUER_CERT|VERIFY_LEAF|CERT_SIGNATURE_FAILURE|CERT_UNTRUSTED|INVALID_CA/,
    failed,
    "the host's certificate is not " +
    "from an authority that is trusted, or an intermediate certificate is missing",
  ],
  [/invalid peer certificate/, failed, "the host's certificate was not accepted"],
  [
    /UnrecognisedName|UnrecognizedName|UNRECOGNIZED_NAME/,
    failed,
    "the host has no certificate for this name",
  ],
  [
    /HandshakeFailure|InsufficientSecurity|PeerIncompatible|peer is incompatible|HANDSHAKE_FAILURE|INSUFFICIENT_SECURITY/i,
    failed,
    "the " +
    "host and JobForge share no cipher, or the host requires a client certificate",
  ],
  [
    /InvalidContentType|corrupt message|WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG/,
    failed,
    "the host does not speak TLS on this port",
  ],
  [/fatal alert|^ERR_SSL_\w*ALERT/, failed, "the host ended the TLS handshake"],
];

/**
 * Returns what an error of a TLS connection says of the host, or undefined for an error of the
 * connection below. The message quotes nothing.
 */
export function tlsFailure(thrown: unknown): EgressFailed | EgressRefused | undefined {
  const text = thrown instanceof Error ? nodeCode(thrown) ?? thrown.message : "";
  const cause = CAUSES.find(([pattern]) => pattern.test(text));
  return cause?.[1](cause[2]);
}

/** Node names the cause in a code. Its message quotes the certificate. */
function nodeCode(thrown: Error & { code?: unknown }): string | undefined {
  const { code } = thrown;
  return typeof code === "string" && /CERT|_CA$|^ERR_(?:SSL|TLS)_|VERIFY_/.test(code)
    ? code
    : undefined;
}

function failed(message: string): EgressFailed {
  return new EgressFailed("egress_tls_failed", message);
}

function unsupported(message: string): EgressRefused {
  return new EgressRefused("egress_tls_unsupported", message);
}

function version(message: string): EgressRefused {
  return new EgressRefused("egress_http_version", message);
}
