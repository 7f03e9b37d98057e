import { EgressFailed } from "../../core/egress/refusal.ts";
import { pause, withDeadline } from "./deadline.ts";
import type { Connection, Dial } from "./dial.ts";

/** Wait for an address before the next one is tried beside it, as in RFC 8305. */
const NEXT_MS = 250;
/** Longest wait for one address. */
const ADDRESS_MS = 5_000;
/** Maximum number of addresses to try. A host with more of them has them for its own balance. */
const MAX_TRIED = 16;

/** A connection and the address it was opened to. */
export interface Opened {
  connection: Connection;
  address: string;
}

/**
 * Connects to the first address that answers, and closes what opens later. Throws EgressFailed, and
 * the signal's reason when it aborts.
 */
export async function connectFirst(
  dial: Dial,
  addresses: readonly string[],
  port: number,
  deadline: AbortSignal,
): Promise<Opened> {
  const over = new AbortController();
  const signal = AbortSignal.any([deadline, over.signal]);
  const waiting = alternated(addresses).slice(0, MAX_TRIED);
  const attempts = new Map<string, Promise<Attempt>>();
  try {
    while (waiting.length > 0 || attempts.size > 0) {
      const next = waiting.shift();
      if (next !== undefined) attempts.set(next, attempt(dial, next, port, signal));
      const racers: Promise<Attempt | undefined>[] = [...attempts.values()];
      if (waiting.length > 0) racers.push(pause(NEXT_MS, signal));
      const ended = await Promise.race(racers);
      deadline.throwIfAborted();
      if (ended) attempts.delete(ended.address);
      if (ended?.connection) return { connection: ended.connection, address: ended.address };
    }
  } finally {
    over.abort();
    for (const late of attempts.values()) late.then(({ connection }) => connection?.close());
  }
  throw new EgressFailed("egress_connect_failed", "no address of the host could be connected to");
}

/** The end of an attempt: a connection, or none. */
interface Attempt {
  address: string;
  connection: Connection | undefined;
}

async function attempt(
  dial: Dial,
  address: string,
  port: number,
  signal: AbortSignal,
): Promise<Attempt> {
  try {
    const connection = await withDeadline(ADDRESS_MS, signal, (own) => dial(address, port, own));
    return { address, connection };
  } catch {
    return { address, connection: undefined };
  }
}

/** Returns IPv4 and IPv6 in turn, each in the order of its answer. */
function alternated(addresses: readonly string[]): string[] {
  const unique = [...new Set(addresses)];
  const isV6 = (address: string) => address.includes(":");
  const [four, six] = [unique.filter((each) => !isV6(each)), unique.filter(isV6)];
  const longer = Math.max(four.length, six.length);
  return Array.from({ length: longer }, (_, at) => [four[at], six[at]]).flat()
    .filter((address) => address !== undefined);
}
