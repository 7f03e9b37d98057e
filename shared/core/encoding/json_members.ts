import type { Bytes } from "./bytes.ts";

/** The members at some paths of a JSON object, nested as they stand in it. */
export interface Members {
  [name: string]: unknown;
}

/** A longer text or number is replaced by an empty text. */
const MAX_SCALAR_BYTES = 4_096;
const MAX_DEPTH = 64;

/**
 * Returns the members of a JSON object at some paths, such as `data.id`, as `JSON.parse` would. The
 * rest is walked over and not built, so that a large text costs no more memory than a small one.
 * Of an array or an object at a path only its presence is kept: it is empty. Returns undefined for
 * a text that is not closed, nested more than 64 deep, or not an object. Names in paths are ASCII.
 */
export function jsonMembers(text: Bytes, paths: readonly string[]): Members | undefined {
  const members: Members = {};
  const wanted = paths.map((path) => path.split("."));
  const walk = new Walk(text);
  return walk.object(members, wanted) && walk.atEnd() ? members : undefined;
}

/**
 * Returns whether a JSON text has more lists and objects than a maximum. Of five megabytes they can
 * take a quarter of a gigabyte when it is parsed.
 */
export function hasMoreContainers(text: Uint8Array, max: number): boolean {
  let containers = 0;
  let inString = false;
  for (let at = 0; at < text.length; at++) {
    const byte = text[at];
    if (inString && byte === BACKSLASH) at++;
    else if (byte === QUOTE) inString = !inString;
    else if (!inString && (byte === OPEN_ARRAY || byte === OPEN_OBJECT) && ++containers > max) {
      return true;
    }
  }
  return false;
}

/** A walk over the bytes of a JSON text. */
class Walk {
  readonly #text: Bytes;
  #at = 0;

  constructor(text: Bytes) {
    this.#text = text;
  }

  /** Reads an object and copies what is wanted of it. Returns whether it is one. */
  object(members: Members, wanted: readonly string[][]): boolean {
    if (this.#next() !== OPEN_OBJECT) return false;
    this.#at++;
    if (this.#next() === CLOSE_OBJECT) return this.#step();
    for (;;) {
      const name = this.#name(wanted);
      if (name === undefined || this.#next() !== COLON) return false;
      this.#at++;
      if (!this.#member(members, name, wanted.filter(([first]) => first === name))) return false;
      const end = this.#next();
      this.#at++;
      if (end === CLOSE_OBJECT) return true;
      if (end !== COMMA) return false;
    }
  }

  /** Returns whether nothing but white space is left. */
  atEnd(): boolean {
    return this.#next() === undefined;
  }

  /** Reads a name. It is empty when it is not wanted, because most are not. */
  #name(wanted: readonly string[][]): string | undefined {
    if (this.#next() !== QUOTE) return undefined;
    const from = this.#at + 1;
    if (!this.#skipString()) return undefined;
    const name = this.#text.subarray(from, this.#at - 1);
    if (name.includes(BACKSLASH)) return this.#escapedName(from - 1);
    return wanted.find(([first]) => first!.length === name.length && isText(name, first!))?.[0] ??
      "";
  }

  #escapedName(from: number): string | undefined {
    if (this.#at - from > MAX_SCALAR_BYTES) return "";
    const name = parsed(this.#text.subarray(from, this.#at));
    return typeof name === "string" ? name : undefined;
  }

  #member(members: Members, name: string, wanted: readonly string[][]): boolean {
    const first = this.#next();
    const isNested = first === OPEN_OBJECT || first === OPEN_ARRAY;
    if (wanted.length === 0) return isNested ? this.#skip() : this.#skipScalar();
    // Of two members with one name the last counts, of any type.
    const deeper = wanted.filter((path) => path.length > 1).map((path) => path.slice(1));
    if (!isNested) {
      const value = this.#scalar();
      define(members, name, value);
      return value !== undefined;
    }
    const inner: Members | unknown[] = first === OPEN_ARRAY ? [] : {};
    define(members, name, inner);
    return first === OPEN_OBJECT ? this.object(inner as Members, deeper) : this.#skip();
  }

  /** Skips an array or an object. */
  #skip(): boolean {
    const open: number[] = [];
    while (this.#at < this.#text.length) {
      const byte = this.#text[this.#at]!;
      if (byte === QUOTE) {
        if (!this.#skipString()) return false;
        continue;
      }
      this.#at++;
      if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) {
        open.push(byte === OPEN_OBJECT ? CLOSE_OBJECT : CLOSE_ARRAY);
        if (open.length > MAX_DEPTH) return false;
      } else if (byte === CLOSE_OBJECT || byte === CLOSE_ARRAY) {
        if (open.pop() !== byte) return false;
        if (open.length === 0) return true;
      }
    }
    return false;
  }

  #skipString(): boolean {
    for (let at = this.#at + 1; at < this.#text.length; at++) {
      const byte = this.#text[at];
      if (byte === BACKSLASH) at++;
      else if (byte === QUOTE) {
        this.#at = at + 1;
        return true;
      }
    }
    return false;
  }

  #skipScalar(): boolean {
    if (this.#next() === QUOTE) return this.#skipString();
    const from = this.#at;
    while (this.#at < this.#text.length && !isEnd(this.#text[this.#at]!)) this.#at++;
    return this.#at > from;
  }

  /** Reads a text, number, boolean or null. Undefined when it is none. A long one is empty. */
  #scalar(): unknown {
    this.#next();
    const from = this.#at;
    if (!this.#skipScalar()) return undefined;
    if (this.#at - from > MAX_SCALAR_BYTES) return "";
    return parsed(this.#text.subarray(from, this.#at));
  }

  /** Returns the next byte that is no white space. */
  #next(): number | undefined {
    while (this.#at < this.#text.length && isBlank(this.#text[this.#at]!)) this.#at++;
    return this.#text[this.#at];
  }

  #step(): boolean {
    this.#at++;
    return true;
  }
}

/** `__proto__` is a member like any other. */
function define(members: Members, name: string, value: unknown): void {
  Object.defineProperty(members, name, {
    ...{ value, configurable: true, enumerable: true, writable: true },
  });
}

function parsed(text: Uint8Array): unknown {
  try {
    return JSON.parse(decoder.decode(text));
  } catch {
    return undefined;
  }
}

function isText(bytes: Uint8Array, text: string): boolean {
  for (let at = 0; at < bytes.length; at++) if (bytes[at] !== text.charCodeAt(at)) return false;
  return true;
}

function isBlank(byte: number): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}

function isEnd(byte: number): boolean {
  return isBlank(byte) || byte === COMMA || byte === CLOSE_OBJECT || byte === CLOSE_ARRAY;
}

const decoder = new TextDecoder("utf-8", { fatal: true });
const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_ARRAY = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_ARRAY = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
