import type { Bytes } from "../encoding/bytes.ts";
import type { SecretForm } from "./keys.ts";

/** A signature algorithm. The three hashes are those of an HMAC. */
export type Algorithm = Hash | "Ed25519" | "P-256";
/** A hash of an HMAC. */
export type Hash = "SHA-1" | "SHA-256" | "SHA-512";

/** A request before anything in it is verified. */
export interface SignedRequest {
  readonly method: "GET" | "POST";
  /** Returns a header's value. A header sent twice is joined by ", ". */
  header(name: string): string | null;
  readonly body: Bytes;
  /** The endpoint's public URL, for schemes that sign it. */
  readonly url: string | undefined;
  /** The query as it came, without the question mark. */
  readonly query: string;
}

/** The parts of a signature: strictly well-formed, not yet verified. */
export interface SignedParts {
  /** Instead of the scheme's own algorithm. */
  algorithm?: Algorithm;
  /** 1 to 16 signatures, each of the algorithm's exact length. */
  signatures: Bytes[];
  /** 1 to 4 contents that the sender may have signed, the usual form first. */
  contents: Bytes[];
  /** Unix seconds, or undefined when the scheme signs no time in its headers. */
  sentAt?: number | undefined;
  /** A signed ID. */
  id?: string | undefined;
  /** SHA-256 of the body in hex, when it is signed in place of the body. */
  bodySha256?: string;
}

/** Facts in a verified body. */
export interface BodyFacts {
  /** The sender's event ID, the same when the event is sent again. */
  id?: string | undefined;
  /** What stays the same when the sender sends an event again, if that is not what it signed. */
  sameContent?: Bytes | undefined;
  /** Unix seconds. */
  sentAt?: number | undefined;
  /** The row of the scheme's answers, `event` if undefined. */
  kind?: string | undefined;
  /** Returns the body of an answer that repeats a part of the request. */
  reply?: ((sign: (text: string) => Promise<string>) => unknown) | undefined;
}

/** The signing scheme of one sender. */
export interface Scheme {
  readonly algorithm: Algorithm;
  /** Headers to keep with the job. Senders do not sign them. */
  readonly keptHeaders: readonly string[];
  /** What a secret must look like. */
  readonly secretForm: SecretForm;
  /** Reads signature headers strictly. Undefined when they are missing or invalid. */
  read(request: SignedRequest): SignedParts | undefined;
  /** Reads a verified body. Undefined stands for a body that is neither JSON nor a form. */
  factsOf?(body: unknown, request: SignedRequest): BodyFacts;
  /** Paths of all that `factsOf` reads in a body of JSON, since a large one is not parsed whole. */
  readonly members?: readonly string[];
  /** The member of a form whose JSON is the event. */
  readonly formMember?: string;
  /** True when the sender may send its event in the query of a GET. */
  readonly takesGet?: true;
  /** Tolerance in seconds, for schemes with the time in the body. */
  readonly bodyTimeSeconds?: number;
}

/** Names of all schemes. */
export const SCHEME_NAMES = [
  "standard-webhooks",
  "svix",
  "clerk",
  "resend",
  "supabase-auth",
  "polar",
  "stripe",
  "github",
  "slack",
  "shopify",
  "linear",
  "paddle",
  "lemonsqueezy",
  "twilio",
  "sendgrid",
  "discord",
  "intercom",
  "zoom",
  "hubspot",
  "jobforge",
  "custom",
] as const;

/** The name of a scheme. */
export type SchemeName = typeof SCHEME_NAMES[number];
