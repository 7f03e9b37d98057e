import assert from "node:assert/strict";
import { connectFirst } from "./connect.ts";
import type { Connection, Dial } from "./dial.ts";

const never = new AbortController().signal;
/** What becomes of a dial: it opens, fails, or waits until it is given up. */
type Fate = "opens" | "fails" | "hangs" | "opens late";

interface FakeDial {
  dial: Dial;
  dialed: string[];
  closed: string[];
}

/** A dial whose connections know when they are closed. Addresses that are not named hang. */
function fakeDial(fates: Record<string, Fate>): FakeDial {
  const fake: FakeDial = { dial, dialed: [], closed: [] };
  async function dial(address: string, _port: number, signal: AbortSignal): Promise<Connection> {
    fake.dialed.push(address);
    const fate = fates[address] ?? "hangs";
    if (fate === "fails") throw new Error("refused");
    if (fate !== "opens") {
      await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
      if (fate === "hangs") throw signal.reason;
    }
    return connectionTo(address, () => fake.closed.push(address));
  }
  return fake;
}

function connectionTo(remoteAddress: string, close: () => void): Connection {
  const none = () => Promise.reject(new Error("not used"));
  return { remoteAddress, close, read: none, write: none, startTls: none };
}

/** Runs a test in which timers up to `ms` end at once, and longer ones never. */
async function withTimersUpTo(ms: number, use: () => Promise<void>): Promise<void> {
  const original = globalThis.setTimeout;
  const stub = (callback: () => void, after = 0) => after <= ms ? original(callback) : 0;
  globalThis.setTimeout = stub as typeof setTimeout;
  try {
    await use();
  } finally {
    globalThis.setTimeout = original;
  }
}

const numbered = (count: number) => Array.from({ length: count }, (_, at) => `93.184.216.${at}`);

Deno.test("a dead address is passed over early, and given up once another one answers", async () => {
  const fake = fakeDial({ "b": "opens" });
  const before = performance.now();
  const { address, connection } = await connectFirst(fake.dial, ["a", "b", "c"], 443, never);
  assert.deepEqual([address, connection.remoteAddress, fake.dialed], ["b", "b", ["a", "b"]]);
  // Five seconds would be the end of the first address.
  assert.ok(performance.now() - before < 4_000);
});

Deno.test("an address that refuses is followed by the next one at once", async () => {
  const fates = Object.fromEntries(numbered(9).map((each) => [each, "fails" as const]));
  const fake = fakeDial({ ...fates, last: "opens" });
  const { address } = await connectFirst(fake.dial, [...numbered(9), "last"], 443, never);
  assert.deepEqual([address, fake.dialed.length], ["last", 10]);
});

Deno.test("a connection that opens after another one is closed, and the first stays open", async () => {
  const fake = fakeDial({ a: "opens late", b: "opens" });
  await connectFirst(fake.dial, ["a", "b"], 443, never);
  await new Promise((resolve) => setTimeout(resolve));
  assert.deepEqual(fake.closed, ["a"]);
});

Deno.test("IPv4 and IPv6 are tried in turn, each address once", async () => {
  const six = ["2606::1", "2606::2", "2606::1"];
  const fates = Object.fromEntries(
    [...six, ...numbered(3)].map((each) => [each, "fails" as const]),
  );
  const fake = fakeDial(fates);
  const sent = connectFirst(fake.dial, [...numbered(3), ...six], 443, never);
  await assert.rejects(sent, { code: "egress_connect_failed" });
  assert.deepEqual(fake.dialed, [
    ...["93.184.216.0", "2606::1", "93.184.216.1", "2606::2", "93.184.216.2"],
  ]);
});

Deno.test("sixteen addresses are tried, however many a host has", async () => {
  const fates = Object.fromEntries(numbered(40).map((each) => [each, "fails" as const]));
  const fake = fakeDial(fates);
  await assert.rejects(connectFirst(fake.dial, numbered(40), 443, never), {
    code: "egress_connect_failed",
  });
  assert.equal(fake.dialed.length, 16);
});

Deno.test("a job that is stopped leaves no connection open", async () => {
  const controller = new AbortController();
  const fake = fakeDial({ a: "opens late" });
  const sent = connectFirst(fake.dial, ["a", "b"], 443, controller.signal);
  controller.abort(new Error("canceled"));
  await assert.rejects(sent, { message: "canceled" });
  await new Promise((resolve) => setTimeout(resolve));
  assert.deepEqual(fake.closed, ["a"]);
});

Deno.test("an address that never answers is given up after five seconds", () =>
  withTimersUpTo(5_000, async () => {
    const sent = connectFirst(fakeDial({}).dial, ["a"], 443, never);
    await assert.rejects(sent, { code: "egress_connect_failed" });
  }));
