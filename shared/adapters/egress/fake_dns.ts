import { createSocket } from "node:dgram";

/** Answers of one record type, one list per query. The last list answers all further queries. */
export type Answers = string[][];

/** Records by name. A name that is not listed does not exist. A `silent` name gets no answer. */
export type Zone = Record<string, { A?: Answers; AAAA?: Answers; silent?: boolean }>;

/** A name server on loopback. */
export interface FakeDns {
  nameServer: { ipAddr: string; port: number };
  /** Queries in their order, as in `A api.example.com`. */
  queries: string[];
}

const TYPES: Record<number, "A" | "AAAA"> = { 1: "A", 28: "AAAA" };

/** Runs a test with a name server whose answers expire at once. */
export async function withDns(zone: Zone, use: (dns: FakeDns) => Promise<void>): Promise<void> {
  const socket = createSocket("udp4");
  const queries: string[] = [];
  socket.on("message", (message, from) => {
    const query = new Uint8Array(message);
    const { name, type, end } = questionOf(query);
    const asked = `${TYPES[type]} ${name}`;
    queries.push(asked);
    const entry = zone[name];
    if (entry?.silent) return;
    const lists = entry?.[TYPES[type]!] ?? [];
    const seen = queries.filter((other) => other === asked).length;
    const addresses = lists[Math.min(seen, lists.length) - 1] ?? [];
    const reply = replyTo(query.subarray(0, end), type, addresses, entry !== undefined);
    socket.send(reply, from.port, from.address);
  });
  await new Promise<void>((resolve) => socket.bind(0, "127.0.0.1", () => resolve()));
  try {
    await use({ nameServer: { ipAddr: "127.0.0.1", port: socket.address().port }, queries });
  } finally {
    await new Promise<void>((resolve) => socket.close(() => resolve()));
  }
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
  exists: boolean,
): Uint8Array {
  const head = query.slice();
  head.set([0x81, exists ? 0x80 : 0x83, 0, 1, 0, addresses.length, 0, 0, 0, 0], 2);
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
