/** Bytes in their own buffer, as WebCrypto requires. */
export type Bytes = ReturnType<Uint8Array["slice"]>;

const encoder = new TextEncoder();

/** Returns the UTF-8 bytes of a text. */
export function utf8(text: string): Bytes {
  return encoder.encode(text);
}

/** Returns the parts joined in order. */
export function concatBytes(parts: readonly Uint8Array[]): Bytes {
  const whole = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}

/** Returns bytes as lower-case hex. */
export function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Returns bytes as base64 with padding. */
export function toBase64(bytes: Uint8Array): string {
  const text = new Uint8Array(base64Length(bytes.length));
  writeBase64(bytes, text);
  return new TextDecoder().decode(text);
}

/** Returns the length of some bytes in base64 with padding. */
export function base64Length(bytes: number): number {
  return Math.ceil(bytes / 3) * 4;
}

/** Writes bytes as base64 with padding into a text of ASCII bytes. A large string costs more. */
export function writeBase64(bytes: Uint8Array, text: Uint8Array): void {
  let at = 0;
  for (let from = 0; from < bytes.length; from += 3) {
    const group = bytes[from]! << 16 | (bytes[from + 1] ?? 0) << 8 | (bytes[from + 2] ?? 0);
    text[at++] = BASE64[group >> 18]!;
    text[at++] = BASE64[group >> 12 & 63]!;
    text[at++] = from + 1 < bytes.length ? BASE64[group >> 6 & 63]! : PADDING;
    text[at++] = from + 2 < bytes.length ? BASE64[group & 63]! : PADDING;
  }
}

const BASE64 = encoder.encode("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/");
const PADDING = 0x3d;

/** Returns exactly `length` bytes of lower-case hex, or undefined for any other text. */
export function hexBytes(text: string, length: number): Bytes | undefined {
  if (text.length !== length * 2 || !/^[0-9a-f]*$/.test(text)) return undefined;
  return Uint8Array.from({ length }, (_, at) => parseInt(text.slice(at * 2, at * 2 + 2), 16));
}

/**
 * Returns the bytes of padded canonical base64, or undefined for any other text. `atob` alone would
 * skip white space, accept missing padding, and ignore bits left over at the end.
 */
export function base64Bytes(text: string): Bytes | undefined {
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(text) || text.length % 4 !== 0) return undefined;
  let binary: string;
  try {
    binary = atob(text);
  } catch {
    return undefined;
  }
  return btoa(binary) === text ? binaryBytes(binary) : undefined;
}

/** Returns the bytes of base64 that JobForge wrote. Throws a DOMException for any other text. */
export function ownBase64Bytes(text: string): Bytes {
  return binaryBytes(atob(text));
}

function binaryBytes(binary: string): Bytes {
  const bytes = new Uint8Array(binary.length);
  for (let at = 0; at < binary.length; at++) bytes[at] = binary.charCodeAt(at);
  return bytes;
}
