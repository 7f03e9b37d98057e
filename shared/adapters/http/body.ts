import { ByteBuffer } from "../../core/encoding/byte_buffer.ts";
import type { Bytes } from "../../core/encoding/bytes.ts";
import {
  parseJson as parseExactJson,
  pathText,
  repeatedMember,
} from "../../core/encoding/exact_json.ts";
import { ExactNumber } from "../../core/encoding/exact_number.ts";
import { printable } from "../../core/encoding/printable.ts";
import { JobForgeError } from "../../core/errors.ts";

/** Pieces of a body between two turns of others. */
const TURN_PIECES = 256;

/** What to do about a body that turns out to be large. */
export interface LargeBody {
  /** A body of more bytes is large. */
  aboveBytes: number;
  /** Callback for a large body before more of it is read. What it throws ends the reading. */
  onLarge(): void;
  /** Aborts when the rest of a large body must have come. */
  deadline(): AbortSignal;
  /**
   * Bytes up to which a body is read although it is too large. Many senders read no answer before
   * they have sent all.
   */
  readBytes: number;
}

/**
 * Reads a body as a stream of at most `maxBytes`. Throws `payload_too_large`, and `unavailable` for
 * a large body that comes too slowly. `Request.text()` and `json()` are never used: a wrong
 * Content-Length makes them abort the process on the edge runtime's Deno.
 */
export async function readCapped(
  request: Request,
  maxBytes: number,
  large?: LargeBody,
): Promise<Bytes> {
  const declared = Number(request.headers.get("content-length")) || 0;
  if (declared > (large?.readBytes ?? maxBytes)) throw tooLarge(maxBytes);
  const reader = request.body?.getReader();
  if (!reader) return new Uint8Array();
  const buffer = new ByteBuffer(maxBytes);
  let fits = declared <= maxBytes;
  let deadline: AbortSignal | undefined;
  try {
    for (let bytes = 0, pieces = 1;; pieces++) {
      if (large && !deadline && Math.max(bytes, declared) > large.aboveBytes) {
        large.onLarge();
        deadline = large.deadline();
        // Reading then ends as if the body had.
        deadline.addEventListener("abort", () => void reader.cancel().catch(() => {}));
      }
      const { done, value } = await reader.read();
      if (deadline?.aborted) throw tooSlow();
      if (done && fits) return buffer.take();
      fits &&= value !== undefined && buffer.add(value);
      bytes += value?.length ?? 0;
      if (done || !fits && bytes > (large?.readBytes ?? 0)) throw tooLarge(maxBytes);
      // A body in single bytes is read, but other requests get their turns in between.
      if (pieces % TURN_PIECES === 0) await new Promise((resolve) => setTimeout(resolve));
    }
  } catch (thrown) {
    await reader.cancel().catch(() => {});
    throw thrown;
  }
}

const MAX_DEPTH = 64;

/** Reads a capped JSON body. Throws `payload_too_large` and `invalid_json`. */
export async function readJson(request: Request, maxBytes: number): Promise<unknown> {
  return parseJson(await readCapped(request, maxBytes));
}

/**
 * Parses UTF-8 JSON nested at most 64 deep, its numbers exactly. Throws `invalid_json`, also for a
 * name that occurs twice in an object.
 */
export function parseJson(bytes: Uint8Array): unknown {
  const text = textOf(bytes);
  if (text === undefined) throw invalidJson("the body must be JSON in UTF-8: other bytes came");
  const members = countMembers(text);
  if (members === undefined) {
    throw invalidJson(`the body must be JSON, nested at most ${MAX_DEPTH} deep`);
  }
  let value: unknown;
  try {
    value = parseExactJson(text);
  } catch (error) {
    throw invalidJson(`the body is not JSON: ${faultOf(text, error as SyntaxError)}`);
  }
  if (membersIn(value) === members) return value;
  const path = pathText(repeatedMember(text) ?? []);
  throw invalidJson(`the body has ${path} twice: send each name once`);
}

function textOf(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** Says what is not JSON, where V8 tells it, and what typical mistakes need. It quotes no more. */
function faultOf(text: string, { message }: SyntaxError): string {
  if (text.trim() === "") return "it is empty";
  if (/end of JSON input|^Unterminated/.test(message)) return "it ends too early";
  const at = Number(/ at position (\d+)/.exec(message)?.[1] ?? NaN);
  const character = text[at] ?? /^Unexpected token '(.)'/u.exec(message)?.[1] ?? "";
  if (/^[}\]]/.test(character) && /,\s*[}\]]/.test(text)) {
    return `take out the comma before ${character}`;
  }
  if (character === "'") return 'names and texts take "';
  const before = text.slice(0, at || 0);
  return at
    ? `line ${before.split("\n").length}, column ${at - before.lastIndexOf("\n")}`
    : `it has ${JSON.stringify(printable(character, 1))} where a value begins`;
}

function invalidJson(message: string): JobForgeError {
  return new JobForgeError("invalid_json", message);
}

function membersIn(value: unknown): number {
  if (typeof value !== "object" || value === null || value instanceof ExactNumber) return 0;
  const members = Object.values(value);
  const own = Array.isArray(value) ? 0 : members.length;
  return members.reduce((sum: number, member) => sum + membersIn(member), own);
}

/** Throws `unsupported_media_type` when a body is not declared as JSON. */
export function requireJsonType(request: Request): void {
  const type = request.headers.get("content-type")?.split(";")[0]?.trim().toLowerCase();
  if (type === "application/json") return;
  throw new JobForgeError("unsupported_media_type", "the body must be application/json");
}

function tooLarge(maxBytes: number): JobForgeError {
  return new JobForgeError("payload_too_large", `the body is larger than ${maxBytes} bytes`);
}

function tooSlow(): JobForgeError {
  return new JobForgeError("unavailable", "the body did not come in time: send it again");
}

/**
 * Counts the members of all objects by their colons. Returns undefined when brackets are nested too
 * deep, because a parser would recurse on them.
 */
function countMembers(text: string): number | undefined {
  let members = 0;
  let depth = 0;
  let inString = false;
  for (let at = 0; at < text.length; at++) {
    const char = text.charCodeAt(at);
    if (inString) {
      if (char === BACKSLASH) at++;
      else if (char === QUOTE) inString = false;
    } else if (char === QUOTE) inString = true;
    else if (char === COLON) members++;
    else if (char === OPEN_ARRAY || char === OPEN_OBJECT) {
      if (++depth > MAX_DEPTH) return undefined;
    } else if (char === CLOSE_ARRAY || char === CLOSE_OBJECT) depth--;
  }
  return members;
}

const COLON = 0x3a;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
