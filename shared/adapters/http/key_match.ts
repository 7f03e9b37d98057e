const encoder = new TextEncoder();

/** Returns whether a text is one of a fixed set of keys, in a time independent of the text. */
export type KeyMatcher = (candidate: string) => Promise<boolean>;

/**
 * Creates a matcher that compares by HMAC under a random key. Digests have one length. A match of
 * digests does not depend on how many characters of a wrong candidate were right.
 */
export function keyMatcher(keys: readonly string[]): KeyMatcher {
  const secret = crypto.getRandomValues(new Uint8Array(32));
  let prepared: ReturnType<typeof prepare> | undefined;
  return async (candidate) => {
    // Created on first use: most isolates are never called with a key.
    const { accepted, digest } = await (prepared ??= prepare(secret, keys));
    const own = await digest(candidate);
    let matches = 0;
    for (const other of accepted) matches |= equal(own, other);
    return matches === 1;
  };
}

async function prepare(secret: BufferSource, keys: readonly string[]) {
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const hmacKey = await crypto.subtle.importKey("raw", secret, algorithm, false, ["sign"]);
  const digest = async (text: string) =>
    new Uint8Array(await crypto.subtle.sign("HMAC", hmacKey, encoder.encode(text)));
  return { digest, accepted: await Promise.all(keys.map(digest)) };
}

function equal(left: Uint8Array, right: Uint8Array): number {
  let difference = left.length ^ right.length;
  for (let at = 0; at < left.length; at++) difference |= left[at]! ^ right[at]!;
  return difference === 0 ? 1 : 0;
}
