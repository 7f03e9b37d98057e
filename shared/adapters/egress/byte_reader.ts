import { bad } from "../../core/egress/response_head.ts";
import { EgressFailed } from "../../core/egress/refusal.ts";
import { pause } from "./deadline.ts";
import type { Connection } from "./dial.ts";

const CHUNK_BYTES = 16 * 1024;
const LF = 0x0a;

/** A reader of a connection by lines and bytes that never holds more than was requested. */
export class ByteReader {
  readonly #connection: Connection;
  readonly #buffer = new Uint8Array(CHUNK_BYTES);
  #at = 0;
  #end = 0;
  readonly #pace = new Pace();

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /**
   * Returns a line without its end, one character per byte. The end is CR LF, or LF alone where
   * `bareLf` allows it. `budget` is the number of bytes all further lines may have, and is lowered.
   * Throws EgressFailed.
   */
  async line(budget: { bytes: number }, bareLf = false): Promise<string> {
    let text = "";
    while (!text.endsWith("\n")) {
      if (this.#at === this.#end && !await this.#fill()) throw lost();
      const ready = this.#buffer.subarray(this.#at, this.#end);
      const part = ready.subarray(0, (ready.indexOf(LF) + 1) || ready.length);
      budget.bytes -= part.length;
      if (budget.bytes < 0) throw bad("has a head or a line that is too large");
      text += String.fromCharCode(...part);
      this.#at += part.length;
    }
    if (text.endsWith("\r\n")) return text.slice(0, -2);
    if (!bareLf) throw bad("has a line without CR LF");
    return text.slice(0, -1);
  }

  /** Returns whether the first bytes have this pattern, as far as they have arrived. */
  async beginsLike(pattern: readonly (number | undefined)[]): Promise<boolean> {
    if (this.#at === this.#end && !await this.#fill()) return false;
    const ready = this.#buffer.subarray(this.#at, Math.min(this.#end, this.#at + pattern.length));
    return ready.every((byte, at) => pattern[at] === undefined || pattern[at] === byte);
  }

  /**
   * Returns up to `most` bytes as they arrive, or undefined at the end of the connection. They are
   * valid until the next call.
   */
  async some(most: number): Promise<Uint8Array | undefined> {
    if (this.#at === this.#end && !await this.#fill()) return undefined;
    const end = Math.min(this.#end, this.#at + most);
    const bytes = this.#buffer.subarray(this.#at, end);
    this.#at = end;
    return bytes;
  }

  async #fill(): Promise<boolean> {
    await this.#pace.beforeRead();
    const read = await this.#connection.read(this.#buffer);
    this.#at = 0;
    this.#end = read ?? 0;
    this.#pace.afterRead(this.#end);
    return read !== null;
  }
}

/** Reads without a pause, and the bytes that more of them have to bring on average. */
const FREE_READS = 256;
const MIN_READ_BYTES = 256;
/** Wait for small pieces to become a larger one. */
const GATHER_MS = 5;
const MAX_SKIPPED = 4_096;

/**
 * The pace of reads from a connection that brings small pieces. Each would cost the worker a turn,
 * and its other jobs with it, so pauses let them gather. Where they do not, pauses become rare.
 */
class Pace {
  #reads = 0;
  #bytes = 0;
  #skipped = 1;
  #next = FREE_READS;
  #paused = false;

  async beforeRead(): Promise<void> {
    this.#paused = this.#reads >= this.#next && this.#bytes < this.#reads * MIN_READ_BYTES;
    if (this.#paused) await pause(GATHER_MS);
  }

  afterRead(bytes: number): void {
    this.#reads++;
    this.#bytes += bytes;
    if (!this.#paused) return;
    this.#skipped = bytes < MIN_READ_BYTES ? Math.min(this.#skipped * 2, MAX_SKIPPED) : 1;
    this.#next = this.#reads + this.#skipped - 1;
  }
}

/** Returns the error of a connection that ended before the response did. */
export function lost(): EgressFailed {
  return new EgressFailed("egress_connection_lost", "the connection ended within the response");
}
