import { rawNumber, rawTextOf, readNumber } from "./exact_number.ts";

/** A place in a value: member names and indexes. */
export type JsonPath = readonly (string | number)[];

/**
 * A number that a double may not hold: 16 digits, or an exponent of three. Others, and most texts,
 * are parsed natively.
 */
const MAY_BE_INEXACT = /(?:^|[\s:,[])-?(?:[0-9][0-9.]{15}|[0-9.]+[eE][-+]?[0-9]{3})/;

/**
 * Parses JSON so that no number changes. A number that a `number` does not hold is a BigInt or an
 * ExactNumber. Of members with the same name the last counts. Throws a SyntaxError.
 */
export function parseJson(text: string): unknown {
  const value: unknown = JSON.parse(text);
  return MAY_BE_INEXACT.test(text) ? new Reader(text).read() : value;
}

/** Writes a value as JSON.stringify does, BigInts as integers. Throws as JSON.stringify does. */
export function writeJson(value: unknown, space?: number): string {
  return JSON.stringify(value, (_name, member) => rawBigInt(member), space);
}

/**
 * Returns a copy that `JSON.stringify` of any caller writes exactly, or the value itself when it
 * has only numbers. Throws as JSON.stringify does.
 */
export function withRawNumbers(value: unknown): unknown {
  let isRaw = false;
  const json = JSON.stringify(value, (_name, member) => {
    const written = rawBigInt(member);
    isRaw ||= rawTextOf(written) !== undefined;
    return written;
  });
  return isRaw ? new Reader(json, { number: rawOf }).read() : value;
}

function rawBigInt(value: unknown): unknown {
  return typeof value === "bigint" ? rawNumber(String(value)) : value;
}

function rawOf(token: string): unknown {
  const value = readNumber(token);
  return typeof value === "number" ? value : rawNumber(token);
}

/** Returns the path of a member whose name occurs twice in an object of valid JSON. */
export function repeatedMember(text: string): JsonPath | undefined {
  let found: JsonPath | undefined;
  const repeated = (path: JsonPath) => found ??= path;
  new Reader(text, { repeated }).read();
  return found;
}

/** Returns a path as text, such as `lines.0.amount`. */
export function pathText(path: readonly PropertyKey[]): string {
  const text = path.map(String).join(".");
  return text.length === 0 ? "(root)" : text.slice(0, MAX_PATH_LENGTH);
}

const MAX_PATH_LENGTH = 120;

interface ReaderOptions {
  number?: (token: string) => unknown;
  repeated?: (path: JsonPath) => void;
}

const NUMBER = /-?[0-9][0-9.eE+-]*/y;
const STRING = /"[^"\\]*(?:\\.[^"\\]*)*"/y;

/** Reads text that `JSON.parse` has accepted. */
class Reader {
  readonly #text: string;
  readonly #number: (token: string) => unknown;
  readonly #repeated: ((path: JsonPath) => void) | undefined;
  readonly #path: (string | number)[] = [];
  #at = 0;

  constructor(text: string, options: ReaderOptions = {}) {
    this.#text = text;
    this.#number = options.number ?? readNumber;
    this.#repeated = options.repeated;
  }

  read(): unknown {
    const start = this.#next();
    if (start === "{") return this.#object();
    if (start === "[") return this.#array();
    if (start === '"') return JSON.parse(this.#token(STRING));
    if (start === "-" || (start >= "0" && start <= "9")) return this.#number(this.#token(NUMBER));
    this.#at += start === "f" ? 5 : 4;
    return start === "n" ? null : start === "t";
  }

  #object(): Record<string, unknown> {
    const names = new Set<string>();
    const members: [string, unknown][] = [];
    this.#at++;
    while (this.#next() !== "}") {
      const name: string = JSON.parse(this.#token(STRING));
      this.#next(); // the colon
      this.#at++;
      this.#path.push(name);
      if (names.has(name)) this.#repeated?.([...this.#path]);
      names.add(name);
      members.push([name, this.read()]);
      this.#path.pop();
      if (this.#next() === ",") this.#at++;
    }
    this.#at++;
    // Unlike an assignment, this makes a member even of the name __proto__.
    return Object.fromEntries(members);
  }

  #array(): unknown[] {
    const items: unknown[] = [];
    this.#at++;
    while (this.#next() !== "]") {
      this.#path.push(items.length);
      items.push(this.read());
      this.#path.pop();
      if (this.#next() === ",") this.#at++;
    }
    this.#at++;
    return items;
  }

  /** Moves to the next character that is no white space, and returns it. */
  #next(): string {
    while (this.#text.charCodeAt(this.#at) <= 0x20) this.#at++;
    return this.#text[this.#at]!;
  }

  #token(pattern: RegExp): string {
    pattern.lastIndex = this.#at;
    const token = pattern.exec(this.#text)![0];
    this.#at += token.length;
    return token;
  }
}
