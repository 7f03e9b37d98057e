import { diff3Merge } from "node-diff3";
import { hashOf } from "./record.ts";

/** Three texts of one file. */
export interface Versions {
  /** As it was written. */
  written: string;
  /** As the team has it. */
  present: string;
  /** As it is written now. */
  next: string;
}

/**
 * Returns the present text with the changes from the written one to the next, line by line. Returns
 * undefined where both sides changed the same lines. The result has the line ends of the present.
 */
export function merged({ written, present, next }: Versions): string | undefined {
  const [ours, base, theirs] = [present, written, next].map((text) => unixText(text).split("\n"));
  const blocks = diff3Merge(ours!, base!, theirs!);
  if (blocks.some(({ conflict }) => conflict)) return undefined;
  return inLineEndsOf(present, blocks.flatMap(({ ok }) => ok ?? []).join("\n"));
}

/** Returns whether a text has a hash. Line ends of Windows, which Git may have put in, are equal. */
export function hasHash(text: string, hash: string | undefined): boolean {
  return hashOf(text) === hash || hashOf(unixText(text)) === hash;
}

/** Returns a text with the line ends of another one, if that has those of Windows throughout. */
export function inLineEndsOf(text: string, added: string): string {
  return /^(.*\r\n)+.*$/.test(text) ? unixText(added).replaceAll("\n", "\r\n") : added;
}

/** Returns a text with the line ends of Unix. */
export function unixText(text: string): string {
  return text.replaceAll("\r\n", "\n");
}
