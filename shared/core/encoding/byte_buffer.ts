import type { Bytes } from "./bytes.ts";

const FIRST_BYTES = 4 * 1024;

/**
 * A growing buffer of at most `maxBytes`. Bytes are copied into it, so small pieces of a stream cost
 * no more than large ones.
 */
export class ByteBuffer {
  readonly #maxBytes: number;
  #bytes: Bytes;
  #size = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
    this.#bytes = new Uint8Array(Math.min(FIRST_BYTES, maxBytes));
  }

  get size(): number {
    return this.#size;
  }

  /** Bytes that still fit. */
  get remaining(): number {
    return this.#maxBytes - this.#size;
  }

  /** Appends what still fits. Returns whether all of it did. */
  add(piece: Uint8Array): boolean {
    const kept = piece.length > this.remaining ? piece.subarray(0, this.remaining) : piece;
    const needed = this.#size + kept.length;
    if (needed > this.#bytes.length) this.#grow(needed);
    this.#bytes.set(kept, this.#size);
    this.#size = needed;
    return kept === piece;
  }

  /** Returns the bytes in a buffer of their own size. */
  take(): Bytes {
    return this.#bytes.slice(0, this.#size);
  }

  #grow(needed: number): void {
    const doubled = Math.max(needed, this.#bytes.length * 2);
    const larger = new Uint8Array(Math.min(doubled, this.#maxBytes));
    larger.set(this.#bytes.subarray(0, this.#size));
    this.#bytes = larger;
  }
}
