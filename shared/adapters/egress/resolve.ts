import { EgressFailed, EgressRefused } from "../../core/egress/refusal.ts";
import { pause } from "./deadline.ts";

/** Returns every address of a name. Throws EgressFailed and EgressRefused. */
export type Resolve = (name: string, signal: AbortSignal) => Promise<string[]>;

/** Maximum number of answers of one record type. More of them would only slow down the check. */
const MAX_ANSWERS = 1_024;
/** Wait for one record type after the other one brought addresses. */
const OTHER_TYPE_MS = 1_000;

type RecordType = "A" | "AAAA";
/** The addresses of one record type, none of them, or undefined for a lookup that failed. */
type Answer = string[] | undefined;

/** Looks up the records of one type for a name that ends in a dot. */
export type Lookup = (name: string, type: RecordType, signal: AbortSignal) => Promise<Answer>;

/** Creates a resolver of A and AAAA by DNS. `nameServer` replaces the system's. */
export function dnsResolver(nameServer?: { ipAddr: string; port: number }): Resolve {
  const server = nameServer ? { nameServer } : {};
  return resolverOf(async (name, type, signal) => {
    try {
      return await Deno.resolveDns(name, type, { ...server, signal });
    } catch (thrown) {
      return thrown instanceof Deno.errors.NotFound ? [] : undefined;
    }
  });
}

/**
 * Creates a resolver on lookups. One type that fails or never comes does not lose the addresses of
 * the other one. The final dot keeps search domains out.
 */
export function resolverOf(lookup: Lookup): Resolve {
  return async (name, signal) => {
    const over = new AbortController();
    const either = AbortSignal.any([signal, over.signal]);
    const typed = (type: RecordType) => lookup(`${name}.`, type, either);
    try {
      return addressesOf(await bothAnswers(typed("A"), typed("AAAA"), over.signal));
    } finally {
      over.abort();
    }
  };
}

async function bothAnswers(
  four: Promise<Answer>,
  six: Promise<Answer>,
  over: AbortSignal,
): Promise<Answer[]> {
  const both = Promise.all([four, six]);
  const first = await Promise.race([four, six]);
  if (!first || first.length === 0) return await both;
  return await Promise.race([both, pause(OTHER_TYPE_MS, over).then(() => [first])]);
}

function addressesOf(answers: Answer[]): string[] {
  if (answers.some((list) => list && list.length > MAX_ANSWERS)) {
    throw new EgressRefused("egress_too_many_addresses", "the host has too many addresses");
  }
  const addresses = answers.flatMap((list) => list ?? []);
  if (addresses.length > 0) return addresses;
  const why = answers.includes(undefined) ? "could not be looked up" : "has no address";
  throw new EgressFailed("egress_dns_failed", `the host's name ${why}`);
}
