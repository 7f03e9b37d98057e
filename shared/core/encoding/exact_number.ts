/** Digits up to which an integer is a BigInt. It takes no longer to read than its text. */
const MAX_INTEGER_DIGITS = 1_000;
/** Digits that a BigInt may have more than its text has characters, as in 1e30. */
const MAX_ADDED_DIGITS = 30;
/** A number that a double holds in any case: at most 15 digits. */
const SURELY_EXACT = /^-?[0-9.]{1,15}$/;
const PARTS = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/;

/** Every value of a JSON number: a number where one holds it, else a BigInt or an ExactNumber. */
export type AnyNumber = number | bigint | ExactNumber;

/**
 * A decimal number that no `number` and no `bigint` holds, such as 0.12345678901234567890. `text`
 * has it as it was written. It is written as JSON unchanged, and calculating with it is a TypeError.
 */
export class ExactNumber {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  toString(): string {
    return this.text;
  }

  /** Throws a TypeError on a runtime that cannot write raw numbers. */
  toJSON(): unknown {
    return rawNumber(this.text);
  }

  [Symbol.toPrimitive](hint: string): string {
    if (hint === "string") return this.text;
    throw new TypeError(`${this.text} fits no number: use its text`);
  }
}

/** Returns whether a value is a number that no `number` holds. */
export function isBeyondNumber(value: unknown): value is bigint | ExactNumber {
  return typeof value === "bigint" || value instanceof ExactNumber;
}

interface RawJson {
  rawJSON?: (text: string) => unknown;
  isRawJSON?: (value: unknown) => boolean;
}

/** Returns whether this runtime can write numbers beyond 2^53: Deno, Node 22, browsers of 2025. */
export function canWriteRawNumbers(): boolean {
  return (JSON as RawJson).rawJSON !== undefined;
}

/** Returns what `JSON.stringify` writes as this number. Throws a TypeError where it cannot. */
export function rawNumber(text: string): unknown {
  const { rawJSON } = JSON as RawJson;
  if (rawJSON) return rawJSON.call(JSON, text);
  throw new TypeError(`this runtime cannot write ${text} as JSON: it has no JSON.rawJSON`);
}

/** Returns the text of a raw number, or undefined for any other value. */
export function rawTextOf(value: unknown): string | undefined {
  const { isRawJSON } = JSON as RawJson;
  return isRawJSON?.call(JSON, value) ? (value as { rawJSON: string }).rawJSON : undefined;
}

/** Returns the value of a JSON number. A number has its value: 1.0, 1e0 and 1 are the same. */
export function readNumber(token: string): AnyNumber {
  const value = Number(token);
  if (SURELY_EXACT.test(token)) return value;
  const parts = decimalOf(token);
  if (Number.isFinite(value) && isSame(parts, decimalOf(String(value)))) return value;
  const { sign, digits, exponent } = parts;
  const most = Math.min(MAX_INTEGER_DIGITS, token.length + MAX_ADDED_DIGITS);
  const isShort = exponent >= 0 && digits.length + exponent <= most;
  return isShort ? BigInt(sign + digits + "0".repeat(exponent)) : new ExactNumber(token);
}

/** Returns the integer that a number is written as: 1e23 is a one with 23 zeros. */
export function integerOf(value: number): bigint {
  const { sign, digits, exponent } = decimalOf(String(value));
  return BigInt(`${sign}${digits || "0"}${"0".repeat(exponent)}`);
}

/** Returns the exponent of the first and of the last digit of a JSON number. */
export function reachOf(token: string): { first: number; last: number } {
  const { digits, exponent } = decimalOf(token);
  return { first: exponent + digits.length - 1, last: exponent };
}

interface Decimal {
  sign: string;
  /** Without zeros at either end. Empty for zero. */
  digits: string;
  /** The power of ten of the last digit. */
  exponent: number;
}

function decimalOf(token: string): Decimal {
  const [, sign = "", whole = "", fraction = "", power = "0"] = PARTS.exec(token) ?? [];
  const all = (whole + fraction).replace(/^0+/, "");
  // By hand: /0+$/ starts again at each zero of a run.
  let end = all.length;
  while (all[end - 1] === "0") end--;
  const digits = all.slice(0, end);
  if (digits === "") return { sign: "", digits, exponent: 0 };
  const exponent = Number(power) - fraction.length + all.length - digits.length;
  return { sign, digits, exponent };
}

function isSame(left: Decimal, right: Decimal): boolean {
  return left.sign === right.sign && left.digits === right.digits &&
    left.exponent === right.exponent;
}
