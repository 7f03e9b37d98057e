import { canonicalAddress } from "../../core/egress/cidr.ts";
import type { HopRequest } from "../../core/egress/redirect.ts";
import { EgressFailed, EgressRefused } from "../../core/egress/refusal.ts";
import { tlsFailure } from "../../core/egress/tls_failure.ts";
import { checkAddress, type CheckedUrl, type EgressSite } from "../../core/egress/url.ts";
import { connectFirst } from "./connect.ts";
import type { Connection, Dial } from "./dial.ts";
import { type BodyBytes, type Exchange, exchange } from "./exchange.ts";
import type { Resolve } from "./resolve.ts";

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
  bodyBytes: BodyBytes,
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
    return await exchange(connection, url, hop, bodyBytes);
  } catch (thrown) {
    if (isOurs(thrown)) throw thrown;
    const cause = url.scheme === "https" ? tlsFailure(thrown) : undefined;
    throw cause ?? new EgressFailed("egress_connection_lost", "the connection was lost");
  } finally {
    deadline.removeEventListener("abort", close);
    connection.close();
  }
}

/** Connects to one of the addresses and checks that this address was reached. */
async function connect(
  client: EgressClient,
  addresses: string[],
  port: number,
  deadline: AbortSignal,
): Promise<Connection> {
  const { connection, address } = await connectFirst(client.dial, addresses, port, deadline);
  const reached = canonicalAddress(connection.remoteAddress);
  if (reached !== undefined && reached === canonicalAddress(address)) return connection;
  connection.close();
  throw new EgressRefused("egress_address_not_public", "another address was reached");
}

function isOurs(thrown: unknown): boolean {
  return thrown instanceof EgressFailed || thrown instanceof EgressRefused;
}
