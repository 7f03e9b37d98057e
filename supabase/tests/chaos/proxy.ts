import { delay } from "../../../local/system.ts";

/**
 * What happens to connections: `pass` them on; `refuse` new and end old ones; `hole`: take bytes
 * and pass nothing on (half-open); `slow`: every chunk late; `cut`: end both sides after a number
 * of bytes of the answers; `lose`: hand requests on, and end the connection when the answer comes.
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

/** Starts a proxy before a port of 127.0.0.1. */
export function startProxy(target: number): Proxy {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const open = new Set<Deno.Conn>();
  let mode: ProxyMode = { kind: "pass" };
  let lost = 0;

  function end(...connections: Deno.Conn[]): void {
    for (const connection of connections) {
      if (!open.delete(connection)) continue;
      connection.close();
    }
  }

  async function pump(from: Deno.Conn, to: Deno.Conn, isAnswer: boolean): Promise<void> {
    const buffer = new Uint8Array(CHUNK);
    let passed = 0;
    for (let read; (read = await from.read(buffer)) !== null;) {
      const now = mode;
      if (now.kind === "slow") await delay(now.ms);
      while (mode.kind === "hole" && open.has(from)) await delay(20);
      if (isAnswer && mode.kind === "lose") {
        lost++;
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

  async function serve(client: Deno.Conn): Promise<void> {
    open.add(client);
    if (mode.kind === "refuse") return end(client);
    const server = await Deno.connect({ hostname: "127.0.0.1", port: target }).catch(() => {});
    if (!server) return end(client);
    open.add(server);
    await Promise.race([pump(client, server, false), pump(server, client, true)]).catch(() => {});
    end(client, server);
  }

  const accepting = (async () => {
    for await (const client of listener) serve(client).catch(() => end(client));
  })();
  return {
    url: `http://127.0.0.1:${listener.addr.port}`,
    port: listener.addr.port,
    get lost() {
      return lost;
    },
    set(next) {
      mode = next;
      if (next.kind === "refuse") end(...open);
    },
    async stop() {
      listener.close();
      end(...open);
      await accepting.catch(() => {});
    },
  };
}
