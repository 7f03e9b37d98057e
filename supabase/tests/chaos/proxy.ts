import { delay } from "../../../local/system.ts";

/**
 * What happens to connections. `pass` hands bytes on, and `slow` hands each chunk on late. `refuse`
 * ends new and old connections. `hole` takes bytes and hands nothing on (half-open). `cut` ends both
 * sides after a number of bytes of the answers. `lose` hands requests on, and ends the connection
 * when the answer comes.
 */
export type ProxyMode =
  | { kind: "pass" | "refuse" | "hole" | "lose" }
  | { kind: "slow"; ms: number }
  | { kind: "cut"; bytes: number };

/** A TCP proxy on loopback whose faults can be changed while connections are open. */
export interface Proxy {
  url: string;
  port: number;
  /** Answers that were kept back in mode `lose`. */
  readonly lost: number;
  set(mode: ProxyMode): void;
  stop(): Promise<void>;
}

const CHUNK = 16 * 1024;

/** What the connections of a proxy share. */
interface Traffic {
  mode: ProxyMode;
  lost: number;
  open: Set<Deno.Conn>;
}

function end(open: Set<Deno.Conn>, ...connections: Deno.Conn[]): void {
  for (const connection of connections) {
    if (!open.delete(connection)) continue;
    connection.close();
  }
}

async function pump(
  traffic: Traffic,
  from: Deno.Conn,
  to: Deno.Conn,
  isAnswer: boolean,
): Promise<void> {
  const buffer = new Uint8Array(CHUNK);
  let passed = 0;
  for (let read; (read = await from.read(buffer)) !== null;) {
    const now = traffic.mode;
    if (now.kind === "slow") await delay(now.ms);
    while (traffic.mode.kind === "hole" && traffic.open.has(from)) await delay(20);
    const { mode } = traffic;
    if (isAnswer && mode.kind === "lose") {
      traffic.lost++;
      break;
    }
    const left = mode.kind === "cut" && isAnswer ? mode.bytes - passed : read;
    for (let sent = 0; sent < Math.min(read, left);) {
      sent += await to.write(buffer.subarray(sent, Math.min(read, left)));
    }
    passed += read;
    if (left < read) break;
  }
}

async function serve(traffic: Traffic, client: Deno.Conn, target: number): Promise<void> {
  const { open } = traffic;
  open.add(client);
  if (traffic.mode.kind === "refuse") return end(open, client);
  const server = await Deno.connect({ hostname: "127.0.0.1", port: target }).catch(() => {});
  if (!server) return end(open, client);
  open.add(server);
  const pumps = [pump(traffic, client, server, false), pump(traffic, server, client, true)];
  await Promise.race(pumps).catch(() => {});
  end(open, client, server);
}

/** Starts a proxy before a port of 127.0.0.1. */
export function startProxy(target: number): Proxy {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const open = new Set<Deno.Conn>();
  const traffic: Traffic = { mode: { kind: "pass" }, lost: 0, open };
  const accepting = (async () => {
    for await (const client of listener) {
      serve(traffic, client, target).catch(() => end(open, client));
    }
  })();
  return {
    url: `http://127.0.0.1:${listener.addr.port}`,
    port: listener.addr.port,
    get lost() {
      return traffic.lost;
    },
    set(next) {
      traffic.mode = next;
      if (next.kind === "refuse") end(open, ...open);
    },
    async stop() {
      listener.close();
      end(open, ...open);
      await accepting.catch(() => {});
    },
  };
}
