import { canonicalAddress, inAnyRange, parseRange } from "./cidr.ts";

/** IPv4 blocks that are never reachable: special purpose, and internal services of clouds. */
const BLOCKED_V4 = [
  "0.0.0.0/8",
  "10.0.0.0/8",
  "100.64.0.0/10",
  "127.0.0.0/8",
  "169.254.0.0/16",
  "172.16.0.0/12",
  "192.0.0.0/24",
  "192.0.2.0/24",
  "192.88.99.0/24",
  "192.168.0.0/16",
  "198.18.0.0/15",
  "198.51.100.0/24",
  "203.0.113.0/24",
  "224.0.0.0/4",
  "240.0.0.0/4",
  // Azure's host agent, which looks public.
  "168.63.129.16/32",
].map(parseRange);

/** The only IPv6 block of public unicast addresses. Mapped and NAT64 addresses are outside it. */
const GLOBAL_V6 = [parseRange("2000::/3")];

/** Parts of it for tunnels to IPv4, documentation or protocols. */
const BLOCKED_V6 = ["2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"].map(parseRange);

/** Returns whether an address is public unicast, in dotted or colon form. */
export function isPublicAddress(address: string): boolean {
  if (address.includes(":")) {
    return inAnyRange(address, GLOBAL_V6) && !inAnyRange(address, BLOCKED_V6);
  }
  return canonicalAddress(address) !== undefined && !inAnyRange(address, BLOCKED_V4);
}
