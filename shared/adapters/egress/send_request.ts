import { canonicalAddress } from "../../core/egress/cidr.ts";
import type { EgressPolicy } from "../../core/egress/policy.ts";
import type { HopRequest } from "../../core/egress/redirect.ts";
import { EgressFailed, EgressRefused } from "../../core/egress/refusal.ts";
import { checkAddress, type CheckedUrl, type EgressSite } from "../../core/egress/url.ts";
import { withDeadline } from "./deadline.ts";
import type { Connection, Dial } from "./dial.ts";
import { type Exchange, exchange } from "./exchange.ts";
import type { Resolve } from "./resolve.ts";

/** Longest wait for one of several addresses. */
const CONNECT_MS = 5_000;

/** The means to reach a hop: resolver, dial and site. */
export interface EgressClient {
  site: EgressSite;
  resolve: Resolve;
  dial: Dial;
}

/** Sends one request over a new connection and returns its response. */
export async function sendRequest(
  client: EgressClient,
  url: CheckedUrl,
  hop: HopRequest,
  policy: EgressPolicy,
  deadline: AbortSignal,
): Promise<Exchange> {
  const addresses = url.isAddress ? [url.host] : await client.resolve(url.host, deadline);
  // All addresses are checked: one private address among public ones always rejects the request.
  for (const address of addresses) checkAddress(address, url.port, client.site);
  deadline.throwIfAborted();
  let connection = await connect(client, addresses, url.port, deadline);
  const close = () => connection.close();
  deadline.addEventListener("abort", close, { once: true });
  try {
    if (url.scheme === "https") connection = await connection.startTls(url.host, deadline);
    deadline.throwIfAborted();
    return await exchange(connection, url, hop, policy.maxResponseBytes);
  } catch (thrown) {
    throw isOurs(thrown) ? thrown : new EgressFailed("egress_connection_lost", "connection lost");
  } finally {
    deadline.removeEventListener("abort", close);
    connection.close();
  }
}

/** Connects to the first address that answers and checks that this address was reached. */
async function connect(
  client: EgressClient,
  addresses: string[],
  port: number,
  deadline: AbortSignal,
): Promise<Connection> {
  for (const address of addresses) {
    const connection = await dialOne(client.dial, address, port, deadline);
    if (deadline.aborted) connection?.close();
    deadline.throwIfAborted();
    if (!connection) continue;
    const reached = canonicalAddress(connection.remoteAddress);
    if (reached !== undefined && reached === canonicalAddress(address)) return connection;
    connection.close();
    throw new EgressRefused("egress_address_not_public", "another address was reached");
  }
  throw new EgressFailed("egress_connect_failed", "no address of the host could be connected to");
}

async function dialOne(
  dial: Dial,
  address: string,
  port: number,
  deadline: AbortSignal,
): Promise<Connection | undefined> {
  try {
    return await withDeadline(CONNECT_MS, deadline, (signal) => dial(address, port, signal));
  } catch {
    return undefined;
  }
}

function isOurs(thrown: unknown): boolean {
  return thrown instanceof EgressFailed || thrown instanceof EgressRefused;
}
