import { base64Bytes, type Bytes, hexBytes, utf8 } from "../encoding/bytes.ts";

/**
 * Minimum length of a key. Every sender gives out longer ones, and a shorter one could be guessed.
 */
const MIN_KEY_BYTES = 16;

/**
 * What the secret of a scheme looks like. `standard` is base64 with or without `whsec_`
 * or `v1,whsec_`, `p256` is a public key as SPKI in base64 or PEM. The database checks the same forms when it stores a
 * secret, and a test compares both.
 */
export type SecretForm = "text" | "standard" | "hex" | "base64" | "ed25519" | "p256";

const KEYS: Readonly<Record<SecretForm, (secret: string) => Bytes | undefined>> = {
  text: (secret) => longEnough(utf8(secret)),
  // A public or private key of Standard Webhooks is no shared secret.
  standard: (secret) =>
    /^wh[ps]k_/.test(secret) ? undefined : base64Key(secret.replace(/^(?:v1,)?(?:whsec_)?/, "")),
  hex: (secret) => longEnough(hexBytes(secret.toLowerCase(), Math.floor(secret.length / 2))),
  base64: base64Key,
  ed25519: (secret) => hexBytes(secret.toLowerCase(), 32),
  p256: p256Key,
};

/**
 * Returns the key of a secret, or undefined for a secret that is not of the form. Line breaks at
 * the end do not count, because `echo` and editors add them.
 */
export function keyOf(form: SecretForm, secret: string): Bytes | undefined {
  let end = secret.length;
  while (end > 0 && (secret[end - 1] === "\n" || secret[end - 1] === "\r")) end--;
  return KEYS[form](secret.slice(0, end));
}

/** The head of every P-256 public key as SPKI. 64 bytes of the point follow. */
const P256_HEAD = hexBytes("3059301306072a8648ce3d020106082a8648ce3d03010703420004", 27)!;

function p256Key(secret: string): Bytes | undefined {
  const bare = secret.replace(/-----(?:BEGIN|END) PUBLIC KEY-----|\s/g, "");
  const bytes = base64Bytes(bare);
  if (bytes?.length !== P256_HEAD.length + 64) return undefined;
  return P256_HEAD.every((byte, at) => bytes[at] === byte) ? bytes : undefined;
}

/** Returns the bytes of base64 in either alphabet, padded or not. */
function base64Key(text: string): Bytes | undefined {
  const unpadded = text.replace(/={1,2}$/, "").replaceAll("-", "+").replaceAll("_", "/");
  return longEnough(base64Bytes(unpadded.padEnd(Math.ceil(unpadded.length / 4) * 4, "=")));
}

function longEnough(key: Bytes | undefined): Bytes | undefined {
  return key && key.length >= MIN_KEY_BYTES ? key : undefined;
}
