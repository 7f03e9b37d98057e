/**
 * Counts the characters, bytes and items that built-in functions walk through while `run` runs.
 * Quadratic work shows as a count that grows with the square of the input, on any machine.
 */
export async function workOf(run: () => Promise<unknown>): Promise<number> {
  let work = 0;
  const restore = PATCHES.map(({ owner, name, costOf }) => {
    const methods = owner as Record<string, (...args: unknown[]) => unknown>;
    const original = methods[name]!;
    methods[name] = function (this: unknown, ...args: unknown[]) {
      work += costOf(this, args);
      return original.apply(this, args);
    };
    return () => void (methods[name] = original);
  });
  try {
    await run();
  } finally {
    for (const each of restore.reverse()) each();
  }
  return work;
}

interface Patch {
  owner: object;
  name: string;
  costOf(target: unknown, args: unknown[]): number;
}

const lengthOf = (value: unknown) => (value as { length?: number }).length ?? 0;
const byteLengthOf = (value: unknown) => (value as { byteLength?: number }).byteLength ?? 0;

function patches(
  owner: object,
  names: string[],
  costOf: (target: unknown, args: unknown[]) => number,
): Patch[] {
  return names.map((name) => ({ owner, name, costOf }));
}

const PATCHES: Patch[] = [
  ...patches(
    URLSearchParams.prototype,
    ["get", "getAll", "has", "delete", "set", "sort", "toString"],
    (target) => (target as URLSearchParams).size,
  ),
  ...patches(
    String.prototype,
    ["split", "indexOf", "lastIndexOf", "includes", "replace", "replaceAll", "match", "matchAll"],
    lengthOf,
  ),
  ...patches(String.prototype, ["trim", "toLowerCase", "padEnd"], lengthOf),
  ...patches(
    String.prototype,
    ["slice", "substring"],
    (target, [start = 0, end]) =>
      Math.max(0, Math.min(Number(end ?? lengthOf(target)), lengthOf(target)) - Number(start)),
  ),
  ...patches(RegExp.prototype, ["exec", "test"], (_, [text]) => lengthOf(text)),
  ...patches(
    Array.prototype,
    ["includes", "indexOf", "filter", "map", "flatMap", "sort", "join", "every", "some", "reduce"],
    lengthOf,
  ),
  ...patches(Array.prototype, ["shift", "unshift", "splice", "concat"], lengthOf),
  ...patches(TextDecoder.prototype, ["decode"], (_, [bytes]) => byteLengthOf(bytes)),
  ...patches(TextEncoder.prototype, ["encode"], (_, [text]) => lengthOf(text)),
  ...patches(Uint8Array.prototype, ["set"], (_, [bytes]) => lengthOf(bytes)),
  ...patches(crypto.subtle, ["sign"], (_, [, , content]) => byteLengthOf(content)),
  ...patches(crypto.subtle, ["verify"], (_, [, , , content]) => byteLengthOf(content)),
  ...patches(crypto.subtle, ["digest"], (_, [, content]) => byteLengthOf(content)),
];
