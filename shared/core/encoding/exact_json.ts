import { rawNumber, rawTextOf, readNumber } from "./exact_number.ts";
import { printable } from "./printable.ts";

/** A place in a value: member names and indexes. */
export type JsonPath = readonly (string | number)[];

/**
 * A number that a double may not hold: 16 digits, or an exponent of three. Others, and most texts,
 * are parsed natively.
 */
const MAY_BE_INEXACT = /(?:^|[\s:,[])-?[0-9](?:[0-9.]{15}|[0-9.]*[eE][-+]?[0-9]{3})/;

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
  return printable(path.map(String).join("."), MAX_PATH_LENGTH) || "(root)";
}

const MAX_PATH_LENGTH = 120;

interface ReaderOptions {
  number?: (token: string) => unknown;
  repeated?: (path: JsonPath) => void;
}

const NUMBER = /-?[0-9][0-9.eE+-]*/y;

/** Makes a member of any name, also of one that an assignment would take for a prototype. */
function define(made: object, name: string, value: unknown): void {
  const rights = { enumerable: true, configurable: true, writable: true };
  Object.defineProperty(made, name, { value, ...rights });
}

/** Reads text that `JSON.parse` has accepted. */
class Reader {
  readonly #text: string;
  readonly #number: (token: string) => unknown;
  readonly #repeated: ((path: JsonPath) => void) | undefined;
  readonly #path: (string | number)[] = [];
  #at = 0;
  /** The next backslash. Texts before it have no escapes. */
  #backslash = -1;

  constructor(text: string, options: ReaderOptions = {}) {
    this.#text = text;
    this.#number = options.number ?? readNumber;
    this.#repeated = options.repeated;
  }

  read(): unknown {
    const start = this.#next();
    if (start === "{") return this.#object();
    if (start === "[") return this.#array();
    if (start === '"') return this.#string();
    if (start === "-" || (start >= "0" && start <= "9")) return this.#number(this.#token(NUMBER));
    this.#at += start === "f" ? 5 : 4;
    return start === "n" ? null : start === "t";
  }

  #object(): Record<string, unknown> {
    const made: Record<string, unknown> = {};
    this.#at++;
    while (this.#next() !== "}") {
      const name = this.#string();
      this.#next(); // the colon
      this.#at++;
      this.#path.push(name);
      if (this.#repeated && Object.hasOwn(made, name)) this.#repeated([...this.#path]);
      const value = this.read();
      if (name === "__proto__") define(made, name, value);
      else made[name] = value;
      this.#path.pop();
      if (this.#next() === ",") this.#at++;
    }
    this.#at++;
    return made;
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

  #string(): string {
    const end = this.#text.indexOf('"', this.#at + 1);
    if (this.#backslash < this.#at) this.#backslash = this.#find("\\");
    if (this.#backslash < end) return JSON.parse(this.#escaped());
    const string = this.#text.slice(this.#at + 1, end);
    this.#at = end + 1;
    return string;
  }

  /** Takes a string with escapes, as it is written. A pattern would need a stack for them. */
  #escaped(): string {
    const start = this.#at++;
    while (this.#text[this.#at] !== '"') this.#at += this.#text[this.#at] === "\\" ? 2 : 1;
    this.#at++;
    return this.#text.slice(start, this.#at);
  }

  #find(character: string): number {
    const found = this.#text.indexOf(character, this.#at);
    return found < 0 ? Infinity : found;
  }

  #token(pattern: RegExp): string {
    pattern.lastIndex = this.#at;
    const token = pattern.exec(this.#text)![0];
    this.#at += token.length;
    return token;
  }
}
