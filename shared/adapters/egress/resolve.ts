import { EgressFailed, EgressRefused } from "../../core/egress/refusal.ts";

/** Returns every address of a name. Throws EgressFailed and EgressRefused. */
export type Resolve = (name: string, signal: AbortSignal) => Promise<string[]>;

/** Maximum number of answers of one record type. More of them would only slow down the check. */
const MAX_ANSWERS = 8;

/**
 * Creates a resolver of A and AAAA by DNS. `nameServer` replaces the system's. The final dot keeps
 * search domains out.
 */
export function dnsResolver(nameServer?: { ipAddr: string; port: number }): Resolve {
  const server = nameServer ? { nameServer } : {};
  return async (name, signal) => {
    const lookup = async (type: "A" | "AAAA") => {
      try {
        return await Deno.resolveDns(`${name}.`, type, { ...server, signal });
      } catch (thrown) {
        if (thrown instanceof Deno.errors.NotFound) return [];
        throw new EgressFailed("egress_dns_failed", `the host's ${type} records were not found`);
      }
    };
    const answers = await Promise.all([lookup("A"), lookup("AAAA")]);
    if (answers.some((list) => list.length > MAX_ANSWERS)) {
      throw new EgressRefused("egress_too_many_addresses", "the host has too many addresses");
    }
    const addresses = answers.flat();
    if (addresses.length > 0) return addresses;
    throw new EgressFailed("egress_dns_failed", "the host's name has no address");
  };
}
