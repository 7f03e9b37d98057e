import assert from "node:assert/strict";
import { ByteReader } from "./byte_reader.ts";
import type { Connection } from "./dial.ts";

/** A connection on which bytes arrive all the time, and the number of reads from it. */
function steady(bytesPerMs: number): { connection: Connection; reads(): number } {
  let reads = 0;
  let last = performance.now();
  const none = () => Promise.reject(new Error("not used"));
  const read = (into: Uint8Array) => {
    reads++;
    const now = performance.now();
    const length = Math.max(1, Math.min(into.length, Math.floor((now - last) * bytesPerMs)));
    last = now;
    return Promise.resolve(length);
  };
  const connection = { remoteAddress: "", read, write: none, close() {}, startTls: none };
  return { connection, reads: () => reads };
}

Deno.test("a body in single bytes is gathered, so that it costs few turns", async () => {
  const { connection, reads } = steady(200);
  const reader = new ByteReader(connection);
  let size = 0;
  while (size < 200_000) size += (await reader.some(16_384))!.length;
  assert.ok(reads() < 5_000, `${reads()} reads`);
});

Deno.test("bytes are read as long as they come, without one lost", async () => {
  const text = "HTTP/1.1 200 OK\r\n\r\n" + "body".repeat(10_000);
  const bytes = new TextEncoder().encode(text);
  let at = 0;
  const { connection } = steady(0);
  const read = (into: Uint8Array) => {
    if (at === bytes.length) return Promise.resolve(null);
    const length = at < 300 ? 1 : 7_000;
    const piece = bytes.subarray(at, at + length);
    into.set(piece);
    at += piece.length;
    return Promise.resolve(piece.length);
  };
  const reader = new ByteReader({ ...connection, read });
  assert.equal(await reader.line({ bytes: 100 }), "HTTP/1.1 200 OK");
  assert.equal(await reader.line({ bytes: 100 }), "");
  let body = "";
  for (let piece = await reader.some(999); piece; piece = await reader.some(999)) {
    body += new TextDecoder().decode(piece);
  }
  assert.equal(body, "body".repeat(10_000));
});
