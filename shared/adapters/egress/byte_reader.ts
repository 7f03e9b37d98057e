import { bad } from "../../core/egress/response_head.ts";
import { EgressFailed } from "../../core/egress/refusal.ts";
import type { Connection } from "./dial.ts";

const CHUNK_BYTES = 16 * 1024;
const LF = 0x0a;

/** A reader of a connection by lines and bytes that never holds more than was requested. */
export class ByteReader {
  readonly #connection: Connection;
  readonly #buffer = new Uint8Array(CHUNK_BYTES);
  #at = 0;
  #end = 0;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /**
   * Returns a line without its CR LF, one character per byte. `budget` is the number of bytes all
   * further lines may have, and is lowered. Throws EgressFailed.
   */
  async line(budget: { bytes: number }): Promise<string> {
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
    if (!text.endsWith("\r\n")) throw bad("has a line without CR LF");
    return text.slice(0, -2);
  }

  /** Returns up to `most` bytes as they arrive, or undefined at the end of the connection. */
  async some(most: number): Promise<Uint8Array | undefined> {
    if (this.#at === this.#end && !await this.#fill()) return undefined;
    const end = Math.min(this.#end, this.#at + most);
    const bytes = this.#buffer.slice(this.#at, end);
    this.#at = end;
    return bytes;
  }

  async #fill(): Promise<boolean> {
    const read = await this.#connection.read(this.#buffer);
    this.#at = 0;
    this.#end = read ?? 0;
    return read !== null;
  }
}

/** Returns the error of a connection that ended before the response did. */
export function lost(): EgressFailed {
  return new EgressFailed("egress_connection_lost", "the connection ended within the response");
}
