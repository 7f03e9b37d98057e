import type { Bytes } from "../encoding/bytes.ts";

/** The part of a request that tells a form from other bodies. */
export interface Typed {
  header(name: string): string | null;
}

/** The members of a form. A member that comes more than once has a list of its values. */
export type FormMembers = Record<string, string | string[]>;

const MAX_MEMBERS = 1_000;

/** Returns whether a body is declared as a form. */
export function isForm(request: Typed): boolean {
  const type = request.header("content-type") ?? "";
  return /^application\/x-www-form-urlencoded *(;|$)/i.test(type);
}

/**
 * Returns the members of a form, or undefined for what is none: too many members, invalid escapes,
 * or text that is not UTF-8.
 */
export function formMembers(encoded: string | Bytes): FormMembers | undefined {
  try {
    const text = typeof encoded === "string"
      ? encoded
      : new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(encoded);
    const parts = text.split("&", MAX_MEMBERS + 1).filter((part) => part !== "");
    if (parts.length === 0 || parts.length > MAX_MEMBERS) return undefined;
    const members = new Map<string, string[]>();
    for (const [name, value] of parts.map(pairOf)) {
      const values = members.get(name);
      if (values) values.push(value);
      else members.set(name, [value]);
    }
    return Object.fromEntries(
      [...members].map(([name, values]) => [name, values.length === 1 ? values[0]! : values]),
    );
  } catch {
    return undefined;
  }
}

function pairOf(part: string): [string, string] {
  const at = part.indexOf("=");
  return at === -1
    ? [unescaped(part), ""]
    : [unescaped(part.slice(0, at)), unescaped(part.slice(at + 1))];
}

/** Throws a URIError for an invalid escape. */
function unescaped(text: string): string {
  return decodeURIComponent(text.replaceAll("+", " "));
}
