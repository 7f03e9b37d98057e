import { canonicalAddress } from "./cidr.ts";
import { EgressRefused } from "./refusal.ts";

/** Reserved names that never lead to a public service, at the end of a name or as all of it. */
export const RESERVED: readonly string[] = [
  ...["localhost", "local", "internal", "localdomain", "lan", "home.arpa", "corp", "home"],
  ...["intranet", "private", "onion", "invalid", "test", "arpa"],
  // Google's metadata service under a public suffix.
  "metadata.goog",
];

const LABEL = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
const MAX_NAME_LENGTH = 253;

/** A host from the URL parser: an address without brackets, or a name. */
export interface CheckedHost {
  host: string;
  isAddress: boolean;
}

/** Checks the form of a parsed URL's `hostname`. Throws EgressRefused. */
export function checkHost(hostname: string): CheckedHost {
  const bare = hostname.startsWith("[") ? hostname.slice(1, -1) : hostname;
  const address = canonicalAddress(bare);
  if (address !== undefined) return { host: address, isAddress: true };
  if (!isName(hostname)) {
    throw new EgressRefused("egress_host_invalid", "the host is not a name of two labels or more");
  }
  if (isReserved(hostname)) {
    throw new EgressRefused("egress_host_reserved", "the host's name is reserved for local use");
  }
  return { host: hostname, isAddress: false };
}

/**
 * Returns whether a text is a host name in lower case: letters, digits, hyphens, at least two
 * labels.
 */
export function isName(text: string): boolean {
  const labels = text.split(".");
  if (text.length > MAX_NAME_LENGTH || labels.length < 2) return false;
  // The URL parser takes a name that ends in a number, also 0x7f, for an address.
  return labels.every((label) => LABEL.test(label)) && /^[a-z]/.test(labels.at(-1)!);
}

/** Returns whether a name never leads to a public service. */
export function isReserved(name: string): boolean {
  return RESERVED.some((suffix) => name === suffix || name.endsWith(`.${suffix}`));
}

/** Returns whether a host belongs to this worker's project. A job must not call its own project. */
export function isOwnProject(host: string, supabaseUrl: string): boolean {
  const own = new URL(supabaseUrl).hostname;
  const [ref = "", ...domain] = own.split(".");
  const services = ["functions", "storage"].map((name) => [ref, name, ...domain].join("."));
  return host === own || services.includes(host) || host.endsWith(`.${own}`);
}
