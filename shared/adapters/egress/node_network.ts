/** The network of a worker on Node, where Deno's is not there. */
import { NODATA, NOTFOUND } from "node:dns";
import { Resolver } from "node:dns/promises";
import { connect, isIP, type Socket } from "node:net";
import { connect as connectTls, rootCertificates } from "node:tls";
import { EgressFailed } from "../../core/egress/refusal.ts";
import { tlsFailure } from "../../core/egress/tls_failure.ts";
import type { Connection, Dial } from "./dial.ts";
import { type Resolve, resolverOf } from "./resolve.ts";

/** Creates a resolver on Node's DNS. `nameServer` replaces the system's. */
export function nodeResolver(nameServer?: string): Resolve {
  return resolverOf(async (name, type, signal) => {
    const resolver = new Resolver();
    if (nameServer !== undefined) resolver.setServers([nameServer]);
    const stop = () => resolver.cancel();
    signal.addEventListener("abort", stop, { once: true });
    try {
      return await (type === "A" ? resolver.resolve4(name) : resolver.resolve6(name));
    } catch (thrown) {
      const { code } = thrown as { code?: unknown };
      return code === NOTFOUND || code === NODATA ? [] : undefined;
    } finally {
      signal.removeEventListener("abort", stop);
    }
  });
}

/** Creates a dial on Node's TCP. `caCerts` are trusted beside Node's authorities. */
export function nodeDial(caCerts: string[] = []): Dial {
  return async (address, port, signal) => {
    const socket = connect({ host: address, port, noDelay: true });
    await opened(socket, "connect", signal);
    return { ...streamOf(socket), startTls: (name, own) => secured(socket, name, caCerts, own) };
  };
}

async function secured(
  socket: Socket,
  name: string,
  caCerts: string[],
  signal: AbortSignal,
): Promise<Connection> {
  const tls = connectTls({
    socket,
    // NODE_TLS_REJECT_UNAUTHORIZED of the environment does not count.
    rejectUnauthorized: true,
    minVersion: "TLSv1.2",
    ALPNProtocols: ["http/1.1"],
    // The certificate is checked for `host`. A server name of TLS cannot be an address.
    ...(isIP(name) ? { host: name } : { host: name, servername: name }),
    ...(caCerts.length > 0 ? { ca: [...rootCertificates, ...caCerts] } : {}),
  });
  try {
    await opened(tls, "secureConnect", signal);
  } catch (thrown) {
    socket.destroy();
    signal.throwIfAborted();
    throw tlsFailure(thrown) ??
      new EgressFailed("egress_tls_failed", "the connection ended within the TLS handshake");
  }
  const startTls = () => Promise.reject(new TypeError("the connection is under TLS already"));
  return { ...streamOf(tls), startTls };
}

/** Waits until a socket is open. Destroys it and rejects if it fails or the signal aborts. */
async function opened(socket: Socket, event: string, signal: AbortSignal): Promise<void> {
  // An error without a listener would end the process, also one that comes later.
  socket.on("error", () => {});
  let stop = () => {};
  try {
    await new Promise<void>((resolve, reject) => {
      stop = () => reject(signal.reason);
      socket.once(event, resolve);
      socket.once("error", reject);
      socket.once("close", () => reject(new Error("the connection ended")));
      signal.addEventListener("abort", stop, { once: true });
      if (signal.aborted) stop();
    });
  } catch (thrown) {
    socket.destroy();
    throw thrown;
  } finally {
    signal.removeEventListener("abort", stop);
  }
}

function streamOf(socket: Socket): Omit<Connection, "startTls"> {
  let pieces: AsyncIterator<Uint8Array> | undefined;
  let rest: Uint8Array = new Uint8Array();
  return {
    remoteAddress: socket.remoteAddress ?? "",
    async read(into) {
      // Before the first read TLS may take the socket over.
      pieces ??= socket[Symbol.asyncIterator]();
      while (rest.length === 0) {
        const { done, value } = await pieces.next();
        if (done) return null;
        rest = value;
      }
      const piece = rest.subarray(0, into.length);
      into.set(piece);
      rest = rest.subarray(piece.length);
      return piece.length;
    },
    write: (bytes) =>
      new Promise((resolve, reject) =>
        socket.write(bytes, (error) => error ? reject(error) : resolve(bytes.length))
      ),
    close: () => void socket.destroy(),
  };
}
