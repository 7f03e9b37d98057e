import { type Bytes, hexBytes, toHex, utf8 } from "../encoding/bytes.ts";
import { type Answer, ANSWERS } from "./answers.ts";
import { readBody } from "./body.ts";
import { keyOf } from "./keys.ts";
import type { Algorithm, BodyFacts, Scheme, SignedParts, SignedRequest } from "./scheme.ts";
import { schemeOf, type SigningEndpoint } from "./schemes.ts";
import { hmac, isSignedBy } from "./signature.ts";
import { MAX_HEADER_LENGTH, MAX_SECRETS } from "./strict.ts";

/** The endpoint against which a request is verified. */
export interface VerifyingEndpoint extends SigningEndpoint {
  /** Secrets, newest first. Only the first three count. */
  secrets: readonly string[];
  /** Tolerance of the sender's time in seconds, into the past and the future. */
  toleranceSeconds: number;
}

/**
 * The cause of a refusal, for the log and never for the answer. `secret` means that no secret of
 * the endpoint is of the form that its scheme needs.
 */
export type RefusalCause = "malformed" | "stale" | "signature" | "secret";

/** The result of a verification. */
export type Verdict =
  | { ok: false; cause: RefusalCause }
  | {
    ok: true;
    /** The same for every copy of an event: a signed ID, or a digest of what is signed. */
    replayKey: string;
    /** The body as JSON or as members of a form, or undefined when it is neither. */
    value: unknown;
    answer: Answer;
    /** The body of an answer that repeats a part of the request. */
    reply: unknown;
  };

/**
 * Returns the verdict over a request's bytes. Every request costs the same work: three keys, each
 * over the whole content. Made-up keys replace missing ones. `parseJson` may return the members at
 * the paths alone, which are all that decides here.
 */
export async function verifyWebhook(
  endpoint: VerifyingEndpoint,
  sent: SignedRequest,
  parseJson: (body: Bytes, members: readonly string[]) => unknown,
  nowSeconds: number,
): Promise<Verdict> {
  const scheme = schemeOf(endpoint);
  const request = withShortHeaders(sent);
  const parts = isTaken(scheme, request) ? scheme.read(request) : undefined;
  const keys = endpoint.secrets.map((secret) => keyOf(scheme.secretForm, secret));
  const key = await signingKey(scheme, keys, parts ?? madeUpParts(scheme, request));
  if (keys.length > 0 && !keys.some(Boolean)) return { ok: false, cause: "secret" };
  if (!parts) return { ok: false, cause: "malformed" };
  const { toleranceSeconds } = endpoint;
  if (parts.sentAt !== undefined && !isNear(parts.sentAt, nowSeconds, toleranceSeconds)) {
    return { ok: false, cause: "stale" };
  }
  if (!key || !await hasBody(parts, request.body)) return { ok: false, cause: "signature" };
  const value = readBody(scheme, request, (body) => parseJson(body, scheme.members ?? []));
  const facts: BodyFacts = scheme.factsOf?.(value, request) ?? {};
  const within = Math.min(toleranceSeconds, scheme.bodyTimeSeconds ?? 0);
  if (scheme.bodyTimeSeconds && !isNear(facts.sentAt ?? NaN, nowSeconds, within)) {
    return { ok: false, cause: "stale" };
  }
  const replayKey = parts.id ?? facts.id ??
    await digestKey(facts.sameContent ?? parts.contents[0]!);
  const sign = async (text: string) => toHex(await hmac("SHA-256", key, utf8(text)));
  const answer = ANSWERS[endpoint.scheme][facts.kind ?? "event"]!;
  return { ok: true, replayKey, value, answer, reply: await facts.reply?.(sign) };
}

/** Returns whether a sender sends such requests. The event of a GET is in its query alone. */
function isTaken(scheme: Scheme, { body, method }: SignedRequest): boolean {
  return method === "POST" || scheme.takesGet === true && body.length === 0;
}

/** Hides headers of a length that no sender needs, so that reading a signature is bounded. */
function withShortHeaders(request: SignedRequest): SignedRequest {
  const header = (name: string) => {
    const value = request.header(name);
    return value !== null && value.length > MAX_HEADER_LENGTH ? "" : value;
  };
  return { ...request, header };
}

/** Returns the first key that signed the request. */
async function signingKey(
  scheme: Scheme,
  keys: readonly (Bytes | undefined)[],
  parts: SignedParts,
): Promise<Bytes | undefined> {
  const algorithm = parts.algorithm ?? scheme.algorithm;
  let signer: Bytes | undefined;
  for (let at = 0; at < MAX_SECRETS; at++) {
    const key = keys[at];
    const matches = await isSignedBy(algorithm, key ?? madeUpKey(algorithm), parts);
    if (matches) signer ??= key;
  }
  return signer;
}

const MADE_UP_KEY: Bytes = crypto.getRandomValues(new Uint8Array(32));
/** The base point of the curve, whose private key is 1: no endpoint has it. */
const MADE_UP_P256_KEY = hexBytes(
  "3059301306072a8648ce3d020106082a8648ce3d030107034200046b17d1f2e12c4247f8bce6e563a440f277037d81" +
    "2deb33a0f4a13945d898c2964fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5",
  91,
)!;

function madeUpKey(algorithm: Algorithm): Bytes {
  return algorithm === "P-256" ? MADE_UP_P256_KEY : MADE_UP_KEY;
}

const SIGNATURE_BYTES: Readonly<Record<Algorithm, number>> = {
  "SHA-1": 20,
  "SHA-256": 32,
  "SHA-512": 64,
  Ed25519: 64,
  "P-256": 64,
};

function madeUpParts(scheme: Scheme, request: SignedRequest): SignedParts {
  const signature = new Uint8Array(SIGNATURE_BYTES[scheme.algorithm]);
  return { signatures: [signature], contents: [request.body] };
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
