import type { Bytes } from "../encoding/bytes.ts";

/** A signature algorithm. */
export type Algorithm = "SHA-256" | "SHA-1" | "Ed25519";

/** A request before anything in it is verified. */
export interface SignedRequest {
  /** Returns a header's value. A header sent twice is joined by ", ". */
  header(name: string): string | null;
  readonly body: Bytes;
  /** The endpoint's public URL, for schemes that sign it. */
  readonly url: string | undefined;
  readonly query: URLSearchParams;
}

/** The parts of a signature: strictly well-formed, not yet verified. */
export interface SignedParts {
  /** 1 to 16 signatures, each of the scheme's exact length. */
  signatures: Bytes[];
  /** Contents that the sender may have signed, the usual form first. */
  contents: Bytes[];
  /** Unix seconds, or undefined when the scheme signs no time in its headers. */
  sentAt?: number | undefined;
  /** A signed ID. */
  id?: string | undefined;
  /** SHA-256 of the body in hex, when it is signed in place of the body. */
  bodySha256?: string;
}

/** The answer to a request that only checks the endpoint. */
export interface Handshake {
  status: 200 | 204;
  body?: Record<string, unknown>;
}

/** Facts in a verified body. */
export interface BodyFacts {
  /** The sender's event ID, the same when the event is sent again. */
  id?: string | undefined;
  /** Unix seconds. */
  sentAt?: number | undefined;
  handshake?: Handshake | undefined;
}

/** The signing scheme of one sender. */
export interface Scheme {
  readonly algorithm: Algorithm;
  /** Headers to keep with the job. Senders do not sign them. */
  readonly keptHeaders: readonly string[];
  /** Returns the key of a secret, or undefined for an invalid secret. */
  keyOf(secret: string): Bytes | undefined;
  /** Reads signature headers strictly. Undefined when they are missing or invalid. */
  read(request: SignedRequest): SignedParts | undefined;
  /** Reads a verified JSON body. Undefined stands for a body that is not JSON. */
  factsOf?(body: unknown): BodyFacts;
  /** True when the sender would misread a body in the answer. */
  readonly answersEmpty?: true;
  /** Tolerance in seconds, for schemes with the time in the body. */
  readonly bodyTimeSeconds?: number;
}

/** Names of all schemes. */
export const SCHEME_NAMES = [
  "standard-webhooks",
  "stripe",
  "github",
  "slack",
  "shopify",
  "linear",
  "paddle",
  "twilio",
  "discord",
  "jobforge",
] as const;

/** The name of a scheme. */
export type SchemeName = typeof SCHEME_NAMES[number];
