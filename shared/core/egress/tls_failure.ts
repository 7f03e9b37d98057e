import { EgressFailed, EgressRefused } from "./refusal.ts";

/** Alerts and errors of TLS, as every Deno names them, and what they say of the host. */
const CAUSES: [RegExp, (message: string) => EgressFailed | EgressRefused, string][] = [
  // These stay until the host is set up anew.
  [/NoApplicationProtocol/, version, "the host does not support HTTP/1.1, perhaps only HTTP/2"],
  [/ProtocolVersion|Tls12OrTls13|Tls12Or13/i, unsupported, "the host speaks no TLS 1.2 or later"],
  [/CertificateRequired/, unsupported, "the host requires a client certificate"],
  // These may be over at the next attempt.
  [/certificate.*(?:NotValidYet|not valid yet)/, failed, "the host's certificate is not valid yet"],
  [/certificate.*(?:Expired|certificate expired)/, failed, "the host's certificate has expired"],
  [
    /certificate.*(?:NotValidForName|not valid for name)/,
    failed,
    "the host's certificate is for another name",
  ],
  [/certificate.*Revoked/, failed, "the host's certificate was revoked"],
  [
    /certificate.*(?:UnknownIssuer|CaUsedAsEndEntity|BadSignature)/,
    failed,
    "the host's certificate is not " +
    "from an authority that is trusted, or an intermediate certificate is missing",
  ],
  [/invalid peer certificate/, failed, "the host's certificate was not accepted"],
  [/UnrecognisedName|UnrecognizedName/, failed, "the host has no certificate for this name"],
  [
    /HandshakeFailure|InsufficientSecurity|PeerIncompatible|peer is incompatible/i,
    failed,
    "the " +
    "host and JobForge share no cipher, or the host requires a client certificate",
  ],
  [/InvalidContentType|corrupt message/, failed, "the host does not speak TLS on this port"],
  [/fatal alert/, failed, "the host ended the TLS handshake"],
];

/**
 * Returns what an error of a TLS connection says of the host, or undefined for an error of the
 * connection below. The message quotes nothing.
 */
export function tlsFailure(thrown: unknown): EgressFailed | EgressRefused | undefined {
  const text = thrown instanceof Error ? thrown.message : "";
  const cause = CAUSES.find(([pattern]) => pattern.test(text));
  return cause?.[1](cause[2]);
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
