import type { Bytes } from "../encoding/bytes.ts";
import type { Algorithm, Hash } from "./scheme.ts";

/** Signed contents with their signatures. Any signature may match any content. */
export interface SignedContents {
  contents: readonly Bytes[];
  signatures: readonly Bytes[];
}

/**
 * Returns whether one of the signatures is the key's for one of the contents. The time depends on
 * the contents' length and the number of signatures, not on a match.
 */
export function isSignedBy(
  algorithm: Algorithm,
  key: Bytes,
  signed: SignedContents,
): Promise<boolean> {
  if (algorithm === "Ed25519") return byPublicKey("raw", "Ed25519", "Ed25519", key, signed);
  if (algorithm === "P-256") return byPublicKey("spki", P256, P256, key, signed);
  return byHmac(algorithm, key, signed);
}

/** Returns the HMAC of some content. */
export async function hmac(
  hash: Hash,
  key: Bytes,
  content: Bytes,
): Promise<Bytes> {
  const hmacKey = await importHmac(hash, key);
  return new Uint8Array(await crypto.subtle.sign("HMAC", hmacKey, content));
}

async function byHmac(
  hash: Hash,
  key: Bytes,
  { contents, signatures }: SignedContents,
): Promise<boolean> {
  let matches = 0;
  // The content is hashed once for all signatures.
  for (const content of contents) {
    const expected = await hmac(hash, key, content);
    for (const signature of signatures) matches |= Number(await areEqual(expected, signature));
  }
  return matches === 1;
}

/** Compares in constant time: WebCrypto verifies the MAC of one text under a random key. */
async function areEqual(expected: Bytes, candidate: Bytes): Promise<boolean> {
  const key = await comparisonKey();
  const tag = await crypto.subtle.sign("HMAC", key, expected);
  return await crypto.subtle.verify("HMAC", key, tag, candidate);
}

let comparison: Promise<CryptoKey> | undefined;

function comparisonKey(): Promise<CryptoKey> {
  return comparison ??= importHmac("SHA-256", crypto.getRandomValues(new Uint8Array(32)));
}

const P256 = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };

async function byPublicKey(
  format: "raw" | "spki",
  keyAlgorithm: string | EcKeyImportParams,
  algorithm: string | EcdsaParams,
  key: Bytes,
  { contents, signatures }: SignedContents,
): Promise<boolean> {
  let matches = 0;
  try {
    const publicKey = await crypto.subtle.importKey(format, key, keyAlgorithm, false, ["verify"]);
    for (const content of contents) {
      for (const signature of signatures) {
        matches |= Number(await crypto.subtle.verify(algorithm, publicKey, signature, content));
      }
    }
  } catch {
    // Bytes that are not a point of the curve are not a key.
    return false;
  }
  return matches === 1;
}

function importHmac(hash: string, key: Bytes): Promise<CryptoKey> {
  return crypto.subtle.importKey("raw", key, { name: "HMAC", hash }, false, ["sign", "verify"]);
}
