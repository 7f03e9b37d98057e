import { base64Bytes, type Bytes, concatBytes, toBase64, toHex, utf8 } from "../encoding/bytes.ts";
import { textKey } from "./keys.ts";
import { hmac } from "./signature.ts";
import { MAX_SECRETS, plainId } from "./strict.ts";

/** A message as it goes out; the bytes signed are the bytes sent. */
export interface OutgoingMessage {
  /** The same for every attempt: receivers deduplicate by it. */
  id: string;
  /** Unix seconds of this attempt. */
  timestamp: number;
  body: Bytes;
}

const MIN_KEY_BYTES = 24;
const MAX_KEY_BYTES = 64;
const PREFIX = "whsec_";

/**
 * Headers of Standard Webhooks 1.0, signed with every secret, the newest first, so that a receiver
 * may change to a new secret at any time of the rotation.
 * Throws a RangeError for an id with a dot, for no or more than three secrets, and for a secret
 * that is not `whsec_` with the base64 of 24 to 64 bytes; the message never shows a secret.
 */
export async function signStandard(
  secrets: readonly string[],
  message: OutgoingMessage,
): Promise<Record<string, string>> {
  const { id, timestamp, body } = message;
  requireMessage(plainId(id) === id, timestamp);
  const keys = usableKeys(secrets, sendingKey, "whsec_ and the base64 of 24 to 64 bytes");
  const content = concatBytes([utf8(`${id}.${timestamp}.`), body]);
  const macs = await Promise.all(keys.map((key) => hmac("SHA-256", key, content)));
  return {
    "webhook-id": id,
    "webhook-timestamp": String(timestamp),
    "webhook-signature": macs.map((mac) => `v1,${toBase64(mac)}`).join(" "),
  };
}

/**
 * The `X-JobForge-Signature` of a body, for a backend that sends to a `jobforge` endpoint:
 * `t=<unix seconds>,v1=<hex>`, one `v1` for each secret. Throws a RangeError as `signStandard`.
 */
export async function signJobForge(
  secrets: readonly string[],
  message: { timestamp: number; body: Bytes },
): Promise<string> {
  const { timestamp, body } = message;
  requireMessage(true, timestamp);
  const keys = usableKeys(secrets, textKey, "at least 16 bytes");
  const content = concatBytes([utf8(`${timestamp}.`), body]);
  const macs = await Promise.all(keys.map((key) => hmac("SHA-256", key, content)));
  return [`t=${timestamp}`, ...macs.map((mac) => `v1=${toHex(mac)}`)].join(",");
}

function sendingKey(secret: string): Bytes | undefined {
  const key = secret.startsWith(PREFIX) ? base64Bytes(secret.slice(PREFIX.length)) : undefined;
  return key && key.length >= MIN_KEY_BYTES && key.length <= MAX_KEY_BYTES ? key : undefined;
}

function usableKeys(
  secrets: readonly string[],
  keyOf: (secret: string) => Bytes | undefined,
  form: string,
): Bytes[] {
  const keys = secrets.map(keyOf);
  if (keys.length === 0 || keys.length > MAX_SECRETS || keys.includes(undefined)) {
    throw new RangeError(`one to ${MAX_SECRETS} secrets are needed, each ${form}`);
  }
  return keys as Bytes[];
}

function requireMessage(idIsPlain: boolean, timestamp: number): void {
  if (!idIsPlain) throw new RangeError("an id is 1 to 128 letters, digits, _ and -");
  if (!Number.isSafeInteger(timestamp) || String(timestamp).length !== 10) {
    throw new RangeError("a timestamp is whole unix seconds");
  }
}
