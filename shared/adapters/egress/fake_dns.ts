import { createSocket, type Socket } from "node:dgram";

/** Answers of one record type, one list per query. The last list answers all further queries. */
export type Answers = string[][];

/**
 * Records by name. A name that is not listed does not exist. A `silent` name, or record type of it,
 * gets no answer.
 */
export type Zone = Record<string, {
  A?: Answers;
  AAAA?: Answers;
  silent?: boolean | "A" | "AAAA";
  /** The record type that the server fails to look up. */
  failing?: "A" | "AAAA";
}>;

/** A name server on loopback. */
export interface FakeDns {
  nameServer: { ipAddr: string; port: number };
  /** Queries in their order, as in `A api.example.com`. */
  queries: string[];
}

const TRUNCATED = 0x02;
const NO_ERROR = 0;
const SERVER_FAILURE = 2;
const NO_NAME = 3;
const TYPES: Record<number, "A" | "AAAA"> = { 1: "A", 28: "AAAA" };

/** Bytes of an answer over UDP. A longer one is asked for again over TCP. */
const UDP_BYTES = 512;

/** Runs a test with a name server whose answers expire at once. */
export async function withDns(zone: Zone, use: (dns: FakeDns) => Promise<void>): Promise<void> {
  const queries: string[] = [];
  const { socket, listener, port } = await openPort();
  socket.on("message", (message, from) => {
    const reply = answerTo(new Uint8Array(message), zone, queries);
    if (!reply) return;
    const sent = reply.length > UDP_BYTES ? truncated(reply) : reply;
    socket.send(sent, from.port, from.address);
  });
  const serving = serveTcp(listener, (query) => answerTo(query, zone, queries));
  try {
    await use({ nameServer: { ipAddr: "127.0.0.1", port }, queries });
  } finally {
    listener.close();
    await serving;
    await new Promise<void>((resolve) => socket.close(() => resolve()));
  }
}

/** Opens a port that is free for both protocols. */
async function openPort(): Promise<{ socket: Socket; listener: Deno.Listener; port: number }> {
  for (let tries = 1;; tries++) {
    const socket = createSocket("udp4");
    await new Promise<void>((resolve) => socket.bind(0, "127.0.0.1", () => resolve()));
    const { port } = socket.address();
    try {
      return { socket, listener: Deno.listen({ hostname: "127.0.0.1", port }), port };
    } catch (thrown) {
      await new Promise<void>((resolve) => socket.close(() => resolve()));
      if (tries === 20) throw thrown;
    }
  }
}

/** Answers one query per connection, behind its length. */
async function serveTcp(
  listener: Deno.Listener,
  answer: (query: Uint8Array) => Uint8Array | undefined,
): Promise<void> {
  for await (const conn of listener) {
    try {
      const buffer = new Uint8Array(UDP_BYTES);
      const length = await conn.read(buffer) ?? 0;
      const reply = answer(buffer.slice(2, length));
      if (!reply) continue;
      await conn.write(Uint8Array.from([reply.length >> 8, reply.length & 0xff, ...reply]));
      await conn.read(buffer);
    } catch {
      // The resolver hung up.
    } finally {
      conn.close();
    }
  }
}

function answerTo(query: Uint8Array, zone: Zone, queries: string[]): Uint8Array | undefined {
  const { name, type, end } = questionOf(query);
  const kind = TYPES[type]!;
  const asked = `${kind} ${name}`;
  queries.push(asked);
  const entry = zone[name];
  if (entry?.silent === true || entry?.silent === kind) return undefined;
  const question = query.subarray(0, end);
  if (entry?.failing === kind) return replyTo(question, type, [], SERVER_FAILURE);
  const lists = entry?.[kind] ?? [];
  const seen = queries.filter((other) => other === asked).length;
  const addresses = lists[Math.min(seen, lists.length) - 1] ?? [];
  return replyTo(question, type, addresses, entry ? NO_ERROR : NO_NAME);
}

/** Returns the question and the order to ask over TCP. */
function truncated(reply: Uint8Array): Uint8Array {
  const head = reply.slice(0, questionOf(reply).end);
  head.set([head[2]! | TRUNCATED, head[3]!, 0, 1, 0, 0], 2);
  return head;
}

function questionOf(query: Uint8Array): { name: string; type: number; end: number } {
  const labels: string[] = [];
  let at = 12;
  for (let length = query[at]!; length > 0; length = query[at]!) {
    labels.push(new TextDecoder().decode(query.subarray(at + 1, at + 1 + length)));
    at += length + 1;
  }
  return { name: labels.join("."), type: query[at + 2]!, end: at + 5 };
}

function replyTo(
  query: Uint8Array,
  type: number,
  addresses: string[],
  rcode: number,
): Uint8Array {
  const head = query.slice();
  head.set(
    [0x81, 0x80 | rcode, 0, 1, addresses.length >> 8, addresses.length & 0xff, 0, 0, 0, 0],
    2,
  );
  const records = addresses.flatMap((address) => {
    const bytes = type === 1 ? address.split(".").map(Number) : groupsOf(address);
    return [0xc0, 12, 0, type, 0, 1, 0, 0, 0, 0, 0, bytes.length, ...bytes];
  });
  return Uint8Array.from([...head, ...records]);
}

function groupsOf(address: string): number[] {
  const [left = "", right = ""] = address.split("::");
  const words = (part: string) => part.split(":").filter(Boolean).map((word) => parseInt(word, 16));
  const [head, tail] = [words(left), words(right)];
  const all = [...head, ...Array<number>(8 - head.length - tail.length).fill(0), ...tail];
  return all.flatMap((word) => [word >> 8, word & 0xff]);
}
