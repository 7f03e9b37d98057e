import { pause } from "./deadline.ts";
import type { FakeCertificate } from "./fake_certificate.ts";

/** One connection as a server sees it. */
export interface ServerSide {
  /** The first bytes: the head of the request, and the part of its body that came with it. */
  request: string;
  write(content: string | Uint8Array): Promise<void>;
  /** Waits, at most until the end of the test. */
  pause(ms: number): Promise<unknown>;
}

/** A server on loopback that answers with the bytes of a test. */
export interface FakeServer {
  port: number;
  /** The first bytes of each connection. */
  requests: string[];
  connections: number;
}

/** The behavior of a server. Undefined: it sends nothing. */
export type Behavior = ((side: ServerSide) => Promise<void>) | undefined;

/** Runs a test against such a server and leaves nothing open behind. */
export async function withServer(
  behave: Behavior,
  use: (server: FakeServer) => Promise<void>,
  tls?: FakeCertificate & { alpnProtocols?: string[] },
): Promise<void> {
  const where = { hostname: "127.0.0.1", port: 0 };
  const listener: Deno.Listener<Deno.Conn> = tls
    ? Deno.listenTls({ ...where, ...tls, cert: tls.certificate })
    : Deno.listen(where);
  const server: FakeServer = {
    port: (listener.addr as Deno.NetAddr).port,
    requests: [],
    connections: 0,
  };
  const over = new AbortController();
  const accepting = acceptAll(listener, server, behave, over.signal);
  try {
    await use(server);
  } finally {
    over.abort();
    listener.close();
    await accepting;
  }
}

async function acceptAll(
  listener: Deno.Listener<Deno.Conn>,
  server: FakeServer,
  behave: Behavior,
  over: AbortSignal,
): Promise<void> {
  const serving: Promise<void>[] = [];
  while (!over.aborted) {
    try {
      const conn = await listener.accept();
      server.connections++;
      serving.push(serve(conn, server, behave, over));
    } catch {
      // A handshake that failed, or the end of the listener.
    }
  }
  await Promise.all(serving);
}

async function serve(
  conn: Deno.Conn,
  server: FakeServer,
  behave: Behavior,
  over: AbortSignal,
): Promise<void> {
  const end = () => {
    try {
      conn.close();
    } catch {
      // Closed before.
    }
  };
  over.addEventListener("abort", end, { once: true });
  try {
    if (!behave) return await untilAborted(over);
    const buffer = new Uint8Array(65_536);
    const length = await conn.read(buffer) ?? 0;
    const request = new TextDecoder().decode(buffer.subarray(0, length));
    server.requests.push(request);
    await behave({
      request,
      write: (content) => write(conn, content),
      pause: (ms) => pause(ms, over),
    });
  } catch {
    // The client closed the connection, as expected for most of these answers.
  } finally {
    over.removeEventListener("abort", end);
    end();
  }
}

async function write(conn: Deno.Conn, content: string | Uint8Array): Promise<void> {
  const bytes = typeof content === "string" ? latin1(content) : content;
  for (let at = 0; at < bytes.length;) at += await conn.write(bytes.subarray(at));
}

function latin1(text: string): Uint8Array {
  return Uint8Array.from(text, (char) => char.charCodeAt(0));
}

function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
