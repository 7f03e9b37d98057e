import { claimsOfKey, verifyToken } from "./data_api.ts";
import type { ProjectKeys } from "../keys.ts";
import { connect, type Sql } from "../postgres/database.ts";

/** Limits of a project on the free plan. What is beyond them is not delivered, as there. */
export interface RealtimeLimits {
  channelsPerClient: number;
  messagesPerSecond: number;
}

/** The Realtime server of one database. */
export interface Realtime {
  /** Answers a request for `/realtime/v1/websocket`. */
  fetch(request: Request): Promise<Response>;
  /** Closes the sockets of all clients. */
  close(): Promise<void>;
}

type Timer = ReturnType<typeof setTimeout> | undefined;

type Claims = Record<string, unknown> & { role?: string; exp?: number };

/** A message of the protocol: [join_ref, ref, topic, event, payload]. */
type Message = [string | null, string | null, string, string, Record<string, unknown>];

interface Broadcast {
  id: string;
  topic: string;
  event: string;
  payload: unknown;
}

const LIMITS: RealtimeLimits = { channelsPerClient: 100, messagesPerSecond: 100 };
const CHANNEL = "jobforge_local_realtime";

/**
 * Opens a server of private channels for the unchanged supabase-js. Broadcasts are rows of
 * `realtime.messages`, delivered after their commit. Who joins is decided by the policies on that
 * table. `adminUrl` belongs to a superuser. `report` receives the error of a delivery.
 */
export async function openRealtime(
  adminUrl: string,
  keys: ProjectKeys,
  limits: Partial<RealtimeLimits> = {},
  report: (error: unknown) => void = console.error,
): Promise<Realtime> {
  const sql = connect(adminUrl);
  const listener = connect(adminUrl);
  const clients = new Set<Client>();
  const allowed = { ...LIMITS, ...limits };
  const mayDeliver = rateOf(allowed.messagesPerSecond);
  await listener.listen(CHANNEL, (id) => void deliver(id).catch(report));

  async function deliver(id: string): Promise<void> {
    const [sent] = await sql<Broadcast[]>`
      select id, topic, event, payload from realtime.messages
      where id = ${id} and private and extension = 'broadcast'`;
    if (!sent) return;
    for (const client of clients) client.deliver(sent, mayDeliver);
  }

  return {
    async fetch(request) {
      const url = new URL(request.url);
      const key = url.searchParams.get("apikey") ?? "";
      const claims = await claimsOfKey(key, keys);
      if (!claims) return new Response("invalid API key", { status: 403 });
      if (request.headers.get("upgrade")?.toLowerCase() !== "websocket") {
        return new Response("a WebSocket is expected", { status: 426 });
      }
      const { socket, response } = Deno.upgradeWebSocket(request);
      const client = new Client(socket, { sql, keys, limits: allowed, ofKey: claims });
      clients.add(client);
      socket.onclose = () => {
        clients.delete(client);
        client.close();
      };
      return response;
    },
    async close() {
      for (const client of clients) client.close();
      await Promise.all([sql.end(), listener.end()]);
    },
  };
}

interface ClientDeps {
  sql: Sql;
  keys: ProjectKeys;
  limits: RealtimeLimits;
  /** The claims of the API key, for a channel without a token. */
  ofKey: Claims;
}

/** One socket with its channels. */
class Client {
  readonly #socket: WebSocket;
  readonly #deps: ClientDeps;
  readonly #channels = new Map<string, { joinRef: string | null; expiry: Timer }>();

  constructor(socket: WebSocket, deps: ClientDeps) {
    this.#socket = socket;
    this.#deps = deps;
    socket.onmessage = ({ data }) => void this.#receive(data);
    socket.onerror = () => {};
  }

  /** Sends a broadcast to the channel of its topic, unless the rate of the project is used up. */
  deliver({ id, topic, event, payload }: Broadcast, mayDeliver: () => boolean): void {
    const name = `realtime:${topic}`;
    if (!this.#channels.has(name) || !mayDeliver()) return;
    const sent = { type: "broadcast", event, payload, meta: { id } };
    this.#send([null, null, name, "broadcast", sent]);
  }

  close(): void {
    for (const topic of this.#channels.keys()) this.#forget(topic);
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.close();
  }

  async #receive(data: unknown): Promise<void> {
    const message = messageIn(data);
    if (!message) return this.#socket.close(1003, "not a message of protocol 2.0.0");
    const [joinRef, ref, topic, event, payload] = message;
    const reply = (status: "ok" | "error", response: Record<string, unknown> = {}) =>
      this.#send([joinRef, ref, topic, "phx_reply", { status, response }]);
    if (topic === "phoenix") return reply("ok");
    if (event === "phx_join") {
      const reason = await this.#join(topic, joinRef, payload);
      return reason ? reply("error", { reason }) : reply("ok", { postgres_changes: [] });
    }
    if (!this.#channels.has(topic)) return reply("error", { reason: "unmatched topic" });
    if (event === "access_token") return await this.#renew(topic, payload.access_token);
    if (event === "phx_leave") {
      reply("ok");
      return this.#end(topic);
    }
    // Clients send nothing to the private channels of JobForge.
    reply("error", { reason: "unauthorized" });
  }

  /** Returns why a channel is not joined. */
  async #join(
    topic: string,
    joinRef: string | null,
    { config, access_token }: Record<string, unknown>,
  ): Promise<string | undefined> {
    if ((config as { private?: unknown } | undefined)?.private !== true) {
      return "PrivateOnly: This project only allows private channels";
    }
    if (this.#channels.size >= this.#deps.limits.channelsPerClient) {
      return "ChannelRateLimitReached: Too many channels";
    }
    const { claims, reason } = await this.#authorize(topic, access_token);
    if (reason !== undefined) return reason;
    this.#channels.set(topic, { joinRef, expiry: this.#timer(topic, claims) });
  }

  /** Checks the policies again, with the next token of a client. */
  async #renew(topic: string, token: unknown): Promise<void> {
    if (typeof token !== "string" || token.startsWith("sb_")) return;
    const { claims, reason } = await this.#authorize(topic, token);
    const channel = this.#channels.get(topic);
    if (!channel) return;
    if (reason !== undefined) return this.#end(topic, reason);
    clearTimeout(channel.expiry);
    channel.expiry = this.#timer(topic, claims);
  }

  async #authorize(
    topic: string,
    token: unknown,
  ): Promise<{ claims: Claims; reason?: string }> {
    const { sql, keys, ofKey } = this.#deps;
    let claims = ofKey;
    try {
      if (typeof token === "string" && !token.startsWith("sb_")) {
        claims = await verifyToken(token, keys) as Claims;
      }
      if (await mayRead(sql, topic.replace(/^realtime:/, ""), claims)) return { claims };
    } catch (error) {
      return { claims, reason: `InvalidJWTToken: ${(error as Error).message}` };
    }
    const reason = "Unauthorized: You do not have permissions to read from this Channel topic";
    return { claims, reason };
  }

  #timer(topic: string, { exp }: Claims): Timer {
    if (exp === undefined) return undefined;
    const ms = Math.min(exp * 1000 - Date.now(), 2 ** 31 - 1);
    return setTimeout(() => this.#end(topic, "Token has expired"), ms);
  }

  #end(topic: string, message?: string): void {
    const joinRef = this.#channels.get(topic)?.joinRef ?? null;
    this.#forget(topic);
    if (message !== undefined) {
      const system = { extension: "system", status: "error", message, channel: topic };
      this.#send([joinRef, null, topic, "system", system]);
    }
    this.#send([joinRef, null, topic, "phx_close", {}]);
  }

  #forget(topic: string): void {
    clearTimeout(this.#channels.get(topic)?.expiry);
    this.#channels.delete(topic);
  }

  #send(message: Message): void {
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(message));
  }
}

function messageIn(data: unknown): Message | undefined {
  try {
    const message = JSON.parse(data as string);
    return Array.isArray(message) && message.length === 5 ? message as Message : undefined;
  } catch {
    return undefined;
  }
}

class RolledBack extends Error {}

/** Asks the policies as Realtime does: reads a probe with the role and claims of the token. */
async function mayRead(sql: Sql, topic: string, claims: Claims): Promise<boolean> {
  let seen = false;
  const id = crypto.randomUUID();
  const settings = { "realtime.topic": topic, "request.jwt.claims": JSON.stringify(claims) };
  await sql.begin(async (probe) => {
    await probe`set local session authorization supabase_realtime_admin`;
    await probe`
      insert into realtime.messages (id, topic, extension) values (${id}, ${topic}, 'broadcast')`;
    for (const [name, value] of Object.entries(settings)) {
      await probe`select set_config(${name}, ${value}, true)`;
    }
    await probe`select set_config('role', ${claims.role ?? "anon"}, true)`;
    seen = (await probe`select from realtime.messages where id = ${id}`).length === 1;
    throw new RolledBack();
  }).catch((error) => {
    if (!(error instanceof RolledBack)) throw error;
  });
  return seen;
}

/** Returns whether one more message may pass in this second. */
function rateOf(perSecond: number): () => boolean {
  let second = 0;
  let passed = 0;
  return () => {
    const now = Math.floor(Date.now() / 1000);
    if (now !== second) [second, passed] = [now, 0];
    return ++passed <= perSecond;
  };
}
