import { bad } from "../../core/egress/response_head.ts";
import { EgressFailed } from "../../core/egress/refusal.ts";
import type { Connection } from "./dial.ts";

const CHUNK_BYTES = 16 * 1024;
const CR = 0x0d;
const LF = 0x0a;

/** Reads a connection by lines and by bytes, and never holds more than it was asked for. */
export class ByteReader {
  readonly #connection: Connection;
  readonly #room = new Uint8Array(CHUNK_BYTES);
  #at = 0;
  #end = 0;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /**
   * A line without its CR LF, one character per byte. `budget` is what may still be read of
   * lines; it is lowered. Throws EgressFailed.
   */
  async line(budget: { bytes: number }): Promise<string> {
    const codes: number[] = [];
    for (;;) {
      const byte = await this.#byte();
      if (--budget.bytes < 0) throw bad("has a head that is too large");
      if (byte === LF) {
        if (codes.pop() !== CR) throw bad("has a line without CR LF");
        break;
      }
      codes.push(byte);
    }
    let text = "";
    for (let at = 0; at < codes.length; at += 4_096) {
      text += String.fromCharCode(...codes.slice(at, at + 4_096));
    }
    return text;
  }

  /** Up to `most` bytes as they come; undefined at the end of the connection. */
  async some(most: number): Promise<Uint8Array | undefined> {
    if (this.#at === this.#end && !await this.#fill()) return undefined;
    const end = Math.min(this.#end, this.#at + most);
    const bytes = this.#room.slice(this.#at, end);
    this.#at = end;
    return bytes;
  }

  async #byte(): Promise<number> {
    if (this.#at === this.#end && !await this.#fill()) throw lost();
    return this.#room[this.#at++]!;
  }

  async #fill(): Promise<boolean> {
    const read = await this.#connection.read(this.#room);
    this.#at = 0;
    this.#end = read ?? 0;
    return read !== null;
  }
}

/** The connection ended before the response did. */
export function lost(): EgressFailed {
  return new EgressFailed("egress_connection_lost", "the connection ended within the response");
}
