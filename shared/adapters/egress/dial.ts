import { EgressFailed } from "../../core/egress/refusal.ts";
import { tlsFailure } from "../../core/egress/tls_failure.ts";

/** A stream to an address, with the address it reached. */
export interface Connection {
  readonly remoteAddress: string;
  read(into: Uint8Array): Promise<number | null>;
  write(bytes: Uint8Array): Promise<number>;
  close(): void;
  /** Continues under TLS, verified against `name`. */
  startTls(name: string, signal: AbortSignal): Promise<Connection>;
}

/** Opens a TCP connection to an address, never to a name. */
export type Dial = (address: string, port: number, signal: AbortSignal) => Promise<Connection>;

/** Creates a dial on Deno's TCP. `caCerts` are trusted beside the system's authorities. */
export function tcpDial(caCerts: string[] = []): Dial {
  return async (address, port, signal) => {
    const opening = Deno.connect({ hostname: address, port, transport: "tcp" });
    try {
      return tcpConnection(await unlessAborted(opening, signal), caCerts);
    } catch (thrown) {
      // The caller gave up before the connection opened.
      opening.then((conn) => conn.close(), () => {});
      throw thrown;
    }
  };
}

function tcpConnection(conn: Deno.TcpConn, caCerts: string[]): Connection {
  return {
    ...streamOf(conn),
    startTls: (name, signal) => secured(conn, name, caCerts, signal),
  };
}

async function secured(
  conn: Deno.TcpConn,
  name: string,
  caCerts: string[],
  signal: AbortSignal,
): Promise<Connection> {
  const trust = caCerts.length > 0 ? { caCerts } : {};
  let tls: Deno.TlsConn | undefined;
  try {
    tls = await Deno.startTls(conn, { hostname: name, alpnProtocols: ["http/1.1"], ...trust });
    await unlessAborted(tls.handshake(), signal);
  } catch (thrown) {
    if (tls) streamOf(tls).close();
    throw tlsFailure(thrown) ??
      new EgressFailed("egress_tls_failed", "the connection ended within the TLS handshake");
  }
  const startTls = () => Promise.reject(new TypeError("the connection is under TLS already"));
  return { ...streamOf(tls), startTls };
}

function streamOf(conn: Deno.Conn): Omit<Connection, "startTls"> {
  return {
    remoteAddress: (conn.remoteAddr as Deno.NetAddr).hostname,
    read: (into) => conn.read(into),
    write: (bytes) => conn.write(bytes),
    close() {
      try {
        conn.close();
      } catch {
        // Closed already, or taken over by TLS.
      }
    },
  };
}

async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  let stop = () => {};
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(signal.reason);
    signal.addEventListener("abort", stop, { once: true });
    if (signal.aborted) stop();
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}
