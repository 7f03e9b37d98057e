/** A block of addresses that share the first `prefix` of `bits` bits with `base`. */
export interface AddressRange {
  base: bigint;
  bits: 32 | 128;
  prefix: number;
}

/** Reads `10.0.0.0/8` or `2001:db8::/32`. Throws a RangeError for any other text. */
export function parseRange(text: string): AddressRange {
  const [address = "", length = ""] = text.split("/");
  const parsed = parseAddress(address);
  const prefix = Number(length);
  if (!parsed || !/^\d{1,3}$/.test(length) || prefix > parsed.bits) {
    throw new RangeError(`not a range of addresses: ${text}`);
  }
  return { base: parsed.value, bits: parsed.bits, prefix };
}

/**
 * Returns whether an address lies in one of the ranges. A text that is not an address lies in none.
 */
export function inAnyRange(address: string, ranges: readonly AddressRange[]): boolean {
  const parsed = parseAddress(address);
  if (!parsed) return false;
  return ranges.some(({ base, bits, prefix }) => {
    const host = BigInt(bits - prefix);
    return bits === parsed.bits && parsed.value >> host === base >> host;
  });
}

interface ParsedAddress {
  value: bigint;
  bits: 32 | 128;
}

function parseAddress(text: string): ParsedAddress | undefined {
  const canonical = canonicalAddress(text);
  if (canonical === undefined) return undefined;
  if (!canonical.includes(":")) {
    const value = canonical.split(".").reduce((sum, part) => sum << 8n | BigInt(part), 0n);
    return { value, bits: 32 };
  }
  // Canonical IPv6 has hexadecimal groups only and at most one `::`.
  const [left = "", right] = canonical.split("::");
  const groups = (part: string) => part === "" ? [] : part.split(":");
  const tail = right === undefined ? [] : groups(right);
  const head = groups(left);
  const zeros = Array<string>(8 - head.length - tail.length).fill("0");
  const all = [...head, ...zeros, ...tail];
  return { value: all.reduce((sum, part) => sum << 16n | BigInt(`0x${part}`), 0n), bits: 128 };
}

const V4 = /^(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?!$)|$)){4}$/;
const V6 = /^[0-9a-f:.]{2,45}$/i;

/** Returns the canonical spelling of an address, or undefined for any other text. */
export function canonicalAddress(text: string): string | undefined {
  if (V4.test(text)) return text;
  if (!text.includes(":") || !V6.test(text)) return undefined;
  try {
    return new URL(`http://[${text}]/`).hostname.slice(1, -1);
  } catch {
    return undefined;
  }
}
