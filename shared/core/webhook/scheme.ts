import type { Bytes } from "../encoding/bytes.ts";

/** How a scheme's signatures are made. */
export type Algorithm = "SHA-256" | "SHA-1" | "Ed25519";

/** A request as a scheme may look at it before anything is verified. */
export interface SignedRequest {
  /** A header's value; a header sent twice arrives joined by ", ". */
  header(name: string): string | null;
  readonly body: Bytes;
  /** The endpoint's public address, for schemes that sign it. */
  readonly url: string | undefined;
  readonly query: URLSearchParams;
}

/** What a request says of its signature: strictly well-formed, nothing of it verified. */
export interface SignedParts {
  /** 1 to 16, each of the scheme's exact length. */
  signatures: Bytes[];
  /** What the sender may have signed, the usual form first. */
  contents: Bytes[];
  /** Unix seconds; undefined where the scheme signs no time in its headers. */
  sentAt?: number | undefined;
  /** An id among what is signed. */
  id?: string | undefined;
  /** SHA-256 of the body in hex, where that is signed in place of the body. */
  bodySha256?: string;
}

/** What a sender expects for a request that only asks whether somebody is there. */
export interface Handshake {
  status: 200 | 204;
  body?: Record<string, unknown>;
}

/** What a verified body says about itself. */
export interface BodyFacts {
  /** The sender's id of the event, the same when it is sent again. */
  id?: string | undefined;
  /** Unix seconds. */
  sentAt?: number | undefined;
  handshake?: Handshake | undefined;
}

/** One sender's way of signing. */
export interface Scheme {
  readonly algorithm: Algorithm;
  /** Headers worth keeping with the job; a sender does not sign them. */
  readonly keptHeaders: readonly string[];
  /** The key a secret stands for; undefined when it is none. */
  keyOf(secret: string): Bytes | undefined;
  /** Reads signature headers strictly; undefined when they are missing or odd. */
  read(request: SignedRequest): SignedParts | undefined;
  /** Reads a verified JSON body; undefined stands for one that is not JSON. */
  factsOf?(body: unknown): BodyFacts;
  /** The sender would read a body of our answer as something else. */
  readonly answersEmpty?: true;
  /** The time stands in the body, and may differ at most this many seconds. */
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
