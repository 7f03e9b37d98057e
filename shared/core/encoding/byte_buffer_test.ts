import assert from "node:assert/strict";
import { ByteBuffer } from "./byte_buffer.ts";

Deno.test("pieces of any size are kept in their order", () => {
  const buffer = new ByteBuffer(100_000);
  const pieces = [1, 5_000, 0, 70_000, 3].map((size, at) => new Uint8Array(size).fill(at + 1));
  for (const piece of pieces) assert.equal(buffer.add(piece), true);
  assert.deepEqual(buffer.take(), new Uint8Array(pieces.flatMap((piece) => [...piece])));
  assert.deepEqual([buffer.size, buffer.remaining], [75_004, 24_996]);
});

Deno.test("what does not fit is cut at the cap", () => {
  const buffer = new ByteBuffer(10);
  assert.equal(buffer.add(new Uint8Array(10).fill(1)), true);
  assert.equal(buffer.add(new Uint8Array(1)), false);
  assert.deepEqual(buffer.take(), new Uint8Array(10).fill(1));
  assert.equal(new ByteBuffer(0).add(new Uint8Array(1)), false);
});

Deno.test("a piece may be written over after it was added", () => {
  const buffer = new ByteBuffer(10);
  const piece = Uint8Array.of(1, 2);
  buffer.add(piece);
  piece.fill(9);
  assert.deepEqual(buffer.take(), Uint8Array.of(1, 2));
});

Deno.test("single bytes hold no more memory than the cap", () => {
  const before = Deno.memoryUsage();
  const buffer = new ByteBuffer(1_000_000);
  for (let count = 0; count < 500_000; count++) buffer.add(Uint8Array.of(1));
  const { external } = Deno.memoryUsage();
  assert.equal(buffer.size, 500_000);
  assert.ok(external - before.external < 30_000_000, `${external - before.external}`);
});
