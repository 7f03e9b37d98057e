import { type Bytes, toHex } from "../encoding/bytes.ts";
import { type BodyFacts, type Handshake, type Scheme, type SignedParts } from "./scheme.ts";
import type { SchemeName, SignedRequest } from "./scheme.ts";
import { SCHEMES } from "./schemes.ts";
import { isSignedBy } from "./signature.ts";
import { MAX_SECRETS } from "./strict.ts";

/** The endpoint against which a request is verified. */
export interface VerifyingEndpoint {
  scheme: SchemeName;
  /** Secrets, newest first. Only the first three count. */
  secrets: readonly string[];
  /** Tolerance of the sender's time in seconds, into the past and the future. */
  toleranceSeconds: number;
}

/** The cause of a refusal, for the log and never for the answer. */
export type RefusalCause = "malformed" | "stale" | "signature";

/** The result of a verification. */
export type Verdict =
  | { ok: false; cause: RefusalCause }
  | {
    ok: true;
    /** The same for every copy of an event: a signed ID, or a digest of what is signed. */
    replayKey: string;
    /** The parsed body, or undefined when it is not JSON. */
    json: unknown;
    handshake: Handshake | undefined;
  };

/**
 * Returns the verdict over a request's bytes. Every request costs the same work: three keys, each
 * over the whole content. Made-up keys replace missing ones.
 */
export async function verifyWebhook(
  endpoint: VerifyingEndpoint,
  request: SignedRequest,
  parseJson: (body: Bytes) => unknown,
  nowSeconds: number,
): Promise<Verdict> {
  const scheme = SCHEMES[endpoint.scheme];
  const parts = scheme.read(request);
  const signed = await isGenuine(scheme, endpoint.secrets, parts ?? madeUpParts(scheme, request));
  if (!parts) return { ok: false, cause: "malformed" };
  const { toleranceSeconds } = endpoint;
  if (parts.sentAt !== undefined && !isNear(parts.sentAt, nowSeconds, toleranceSeconds)) {
    return { ok: false, cause: "stale" };
  }
  if (!signed || !await hasBody(parts, request.body)) return { ok: false, cause: "signature" };
  const json = parseJson(request.body);
  const facts: BodyFacts = scheme.factsOf?.(json) ?? {};
  const within = Math.min(toleranceSeconds, scheme.bodyTimeSeconds ?? 0);
  if (scheme.bodyTimeSeconds && !isNear(facts.sentAt ?? NaN, nowSeconds, within)) {
    return { ok: false, cause: "stale" };
  }
  const replayKey = parts.id ?? facts.id ?? await digestKey(parts.contents[0]!);
  return { ok: true, replayKey, json, handshake: facts.handshake };
}

async function isGenuine(
  scheme: Scheme,
  secrets: readonly string[],
  parts: SignedParts,
): Promise<boolean> {
  let genuine = false;
  for (let at = 0; at < MAX_SECRETS; at++) {
    const key = scheme.keyOf(secrets[at] ?? "");
    const matches = await isSignedBy(scheme.algorithm, key ?? MADE_UP_KEY, parts);
    genuine ||= matches && key !== undefined;
  }
  return genuine;
}

const MADE_UP_KEY: Bytes = crypto.getRandomValues(new Uint8Array(32));

function madeUpParts(scheme: Scheme, request: SignedRequest): SignedParts {
  const length = scheme.algorithm === "Ed25519" ? 64 : scheme.algorithm === "SHA-1" ? 20 : 32;
  return { signatures: [new Uint8Array(length)], contents: [request.body] };
}

/** Returns whether a time is near. NaN fails every comparison. */
function isNear(sentAt: number, nowSeconds: number, seconds: number): boolean {
  return Math.abs(nowSeconds - sentAt) <= seconds;
}

async function hasBody(parts: SignedParts, body: Bytes): Promise<boolean> {
  return parts.bodySha256 === undefined || parts.bodySha256 === toHex(await sha256(body));
}

/**
 * Returns a digest of the signed content, not of the signature. With two active secrets one event
 * has two signatures. A copy with only the other one would count as new.
 */
async function digestKey(content: Bytes): Promise<string> {
  return `sha256:${toHex(await sha256(content))}`;
}

async function sha256(bytes: Bytes): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
}
