import { cleanText } from "../encoding/json.ts";

/** A response body in a result. */
export interface StoredBody {
  body: string;
  body_encoding: "text" | "base64";
  truncated: boolean;
}

const TEXT_TYPE =
  /^(?:text\/|application\/(?:[a-z0-9.+-]*\+)?(?:json|xml)\b|application\/(?:x-www-form-urlencoded|javascript|graphql|x-ndjson|yaml|x-yaml)\b|image\/svg\+xml\b)/i;
const CHARSET = /;\s*charset=\s*"?([^";\s]+)/i;
const UTF8 = new Set(["utf-8", "utf8", "us-ascii", "ascii"]);

/**
 * Returns a body in a form that jsonb can hold, with at most `maxLength` characters of JSON. UTF-8
 * text stays text without NUL. Everything else becomes base64.
 */
export function storeBody(
  bytes: Uint8Array,
  contentType: string | undefined,
  truncated: boolean,
  maxLength: number,
): StoredBody {
  const text = isText(contentType) ? decode(bytes, truncated) : undefined;
  if (text !== undefined) {
    const cut = cutToJson(cleanText(text), maxLength);
    return { body: cut, body_encoding: "text", truncated: truncated || cut.length < text.length };
  }
  const remaining = Math.floor((maxLength - 2) / 4) * 3;
  const kept = bytes.subarray(0, remaining);
  const cutHere = kept.length < bytes.length;
  return { body: base64(kept), body_encoding: "base64", truncated: truncated || cutHere };
}

function isText(contentType: string | undefined): boolean {
  if (contentType === undefined) return true;
  const charset = CHARSET.exec(contentType)?.[1]?.toLowerCase();
  return TEXT_TYPE.test(contentType) && (charset === undefined || UTF8.has(charset));
}

/**
 * Returns the text of UTF-8 bytes, or undefined for other bytes. A cut last character is removed.
 */
function decode(bytes: Uint8Array, truncated: boolean): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes, { stream: truncated });
  } catch {
    return undefined;
  }
}

/** Returns the longest prefix of a text whose JSON has at most `maxLength` bytes of UTF-8. */
function cutToJson(text: string, maxLength: number): string {
  let size = 2;
  let end = 0;
  for (const char of text) {
    size += jsonSize(char);
    if (size > maxLength) break;
    end += char.length;
  }
  return text.slice(0, end);
}

function jsonSize(char: string): number {
  const code = char.codePointAt(0)!;
  if (code === 0x22 || code === 0x5c) return 2;
  if (code < 0x20) return 6;
  if (code < 0x80) return 1;
  return code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
}

function base64(bytes: Uint8Array): string {
  const parts: string[] = [];
  // The bytes are arguments of a call, so a longer slice would overflow the stack.
  for (let at = 0; at < bytes.length; at += 8_190) {
    parts.push(btoa(String.fromCharCode(...bytes.subarray(at, at + 8_190))));
  }
  return parts.join("");
}
