import { bad, type Framing, parseChunkSize } from "../../core/egress/response_head.ts";
import { ByteBuffer } from "../../core/encoding/byte_buffer.ts";
import { type ByteReader, lost } from "./byte_reader.ts";

/** The bytes of a body up to a cap. */
export interface CappedBody {
  bytes: Uint8Array;
  truncated: boolean;
}

const MAX_TRAILER_BYTES = 8 * 1024;
const MAX_CHUNK_LINE_BYTES = 256;
/** Maximum number of chunks. A body in single bytes would cost a worker too much time. */
const MAX_CHUNKS = 16_384;

/** Reads a body of at most `maxBytes` and leaves the rest unread. Throws EgressFailed. */
export async function readBody(
  reader: ByteReader,
  framing: Framing,
  maxBytes: number,
): Promise<CappedBody> {
  const sink = new Sink(maxBytes);
  if (framing.kind === "length") {
    await copy(reader, sink, framing.length);
  } else if (framing.kind === "until_close") {
    while (!sink.full) {
      const bytes = await reader.some(sink.remaining + 1);
      if (!bytes) break;
      sink.add(bytes);
    }
  } else if (framing.kind === "chunked") {
    await readChunks(reader, sink);
  }
  return sink.body();
}

async function readChunks(reader: ByteReader, sink: Sink): Promise<void> {
  for (let chunks = 0; !sink.full; chunks++) {
    if (chunks > MAX_CHUNKS) throw bad("has too many chunks");
    const size = parseChunkSize(await reader.line({ bytes: MAX_CHUNK_LINE_BYTES }));
    if (size === 0) return await skipTrailers(reader);
    await copy(reader, sink, size);
    if (sink.full) return;
    if (await reader.line({ bytes: 2 }) !== "") throw bad("has a chunk of another size");
  }
}

async function skipTrailers(reader: ByteReader): Promise<void> {
  const budget = { bytes: MAX_TRAILER_BYTES };
  while (await reader.line(budget) !== "");
}

/** Copies exactly `length` bytes, or up to one byte more than the sink can take. */
async function copy(reader: ByteReader, sink: Sink, length: number): Promise<void> {
  for (let left = length; left > 0 && !sink.full;) {
    const bytes = await reader.some(Math.min(left, sink.remaining + 1));
    if (!bytes) throw lost();
    left -= bytes.length;
    sink.add(bytes);
  }
}

/** A sink of up to `maxBytes`. One byte more makes it full, so a body of exactly the cap is whole. */
class Sink {
  full = false;
  readonly #buffer: ByteBuffer;

  constructor(maxBytes: number) {
    this.#buffer = new ByteBuffer(maxBytes);
  }

  get remaining(): number {
    return this.#buffer.remaining;
  }

  add(bytes: Uint8Array): void {
    this.full = !this.#buffer.add(bytes);
  }

  body(): CappedBody {
    return { bytes: this.#buffer.take(), truncated: this.full };
  }
}
