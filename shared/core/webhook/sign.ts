import { base64Bytes, type Bytes, concatBytes, toBase64, toHex, utf8 } from "../encoding/bytes.ts";
import { keyOf } from "./keys.ts";
import { hmac } from "./signature.ts";
import { MAX_SECRETS, plainId } from "./strict.ts";

/** An outgoing message. The signed bytes are the sent bytes. */
export interface OutgoingMessage {
  /** The same for every attempt, so that receivers can deduplicate. */
  id: string;
  /** Unix seconds of this attempt. */
  timestamp: number;
  body: Bytes;
}

const MIN_KEY_BYTES = 24;
const MAX_KEY_BYTES = 64;
const PREFIX = "whsec_";

/**
 * Returns the headers of Standard Webhooks 1.0, signed with every secret, newest first. A receiver
 * may switch to a new secret at any time of the rotation. Throws a RangeError for an ID with a dot,
 * for no or more than three secrets, and for an invalid secret. A secret is `whsec_` with the
 * base64 of 24 to 64 bytes. The message never shows it.
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
 * Returns the `X-JobForge-Signature` of a body, for a backend that sends to a `jobforge` endpoint.
 * Its form is `t=<unix seconds>,v1=<hex>` with one `v1` for each secret. Throws a RangeError as
 * `signStandard`.
 */
export async function signJobForge(
  secrets: readonly string[],
  message: { timestamp: number; body: Bytes },
): Promise<string> {
  const { timestamp, body } = message;
  requireMessage(true, timestamp);
  const keys = usableKeys(secrets, (secret) => keyOf("text", secret), "at least 16 bytes");
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
  parse: (secret: string) => Bytes | undefined,
  form: string,
): Bytes[] {
  const keys = secrets.map(parse);
  if (keys.length === 0 || keys.length > MAX_SECRETS || keys.includes(undefined)) {
    throw new RangeError(`one to ${MAX_SECRETS} secrets are needed, each ${form}`);
  }
  return keys as Bytes[];
}

function requireMessage(idIsPlain: boolean, timestamp: number): void {
  if (!idIsPlain) throw new RangeError("the id must be 1 to 128 letters, digits, _ or -");
  if (!Number.isSafeInteger(timestamp) || String(timestamp).length !== 10) {
    throw new RangeError("the timestamp must be an integer in Unix seconds");
  }
}
