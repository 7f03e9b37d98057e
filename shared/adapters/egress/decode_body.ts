import { createBrotliDecompress, createGunzip, createInflate, createInflateRaw } from "node:zlib";
import type { ContentCoding, Decodable } from "../../core/egress/content_coding.ts";
import { ByteBuffer } from "../../core/encoding/byte_buffer.ts";
import type { CappedBody } from "./response_body.ts";

/** A body without its codings, as far as it could be decoded. */
export interface DecodedBody extends CappedBody {
  /** Whether the bytes are still coded. */
  coded: boolean;
  /** Whether bytes may be missing at the end. Brotli that ends early looks whole. */
  cut: boolean;
}

/**
 * Removes the codings of a body and keeps at most `maxBytes`. Bytes that end early or break later
 * are kept up to there, as truncated. Bytes that are not in their coding stay as they are.
 */
export async function decodeBody(
  body: CappedBody,
  codings: readonly ContentCoding[],
  maxBytes: number,
): Promise<DecodedBody> {
  if (body.bytes.length === 0) return { ...body, coded: false, cut: body.truncated };
  const kept = { ...body, coded: true, cut: body.truncated };
  if (!codings.every(isDecoded)) return kept;
  let decoded = body;
  for (const coding of codings) {
    const next = await decode(coding, decoded.bytes, maxBytes);
    if (!next) return kept;
    decoded = { bytes: next.bytes, truncated: decoded.truncated || next.truncated };
  }
  return { ...decoded, coded: false, cut: decoded.truncated || codings.includes("br") };
}

type Decoder = ReturnType<typeof createGunzip>;

function isDecoded(coding: ContentCoding): coding is Decodable {
  return coding !== "opaque" && (coding !== "br" || DECODES_BROTLI);
}

/**
 * Whether this runtime decodes Brotli. Deno 2.1.4 never frees a decoder whose input is not Brotli,
 * so a few such answers would use up the memory of all jobs of a worker.
 */
export const DECODES_BROTLI = (() => {
  try {
    new DecompressionStream("brotli" as CompressionFormat);
    return true;
  } catch {
    return false;
  }
})();

/** Input bytes at once. One byte of gzip unpacks to a thousand, one of Brotli to a million. */
const SLICE_BYTES = { gzip: 4_096, deflate: 4_096, br: 64 };

/** Returns undefined for bytes that are not in this coding. */
async function decode(
  coding: Decodable,
  bytes: Uint8Array,
  maxBytes: number,
): Promise<CappedBody | undefined> {
  const stream = decoderOf(coding, bytes);
  const out = new ByteBuffer(maxBytes);
  let whole = true;
  let broken = false;
  const over = new Promise<void>((resolve) => {
    stream.on("data", (piece: Uint8Array) => {
      whole = out.add(piece) && whole;
    });
    stream.on("error", () => resolve(void (broken = true)));
    stream.on("end", resolve);
  });
  try {
    const most = SLICE_BYTES[coding];
    for (let at = 0; at < bytes.length && whole && !broken; at += most) {
      await Promise.race([over, write(stream, bytes.subarray(at, at + most))]);
    }
    if (whole && !broken) {
      stream.end();
      await over;
    }
  } catch {
    // Some errors are thrown by the call, others are reported by the stream.
    broken = true;
  }
  stream.destroy();
  if (broken && out.size === 0) return undefined;
  return { bytes: out.take(), truncated: broken || !whole };
}

function write(stream: Decoder, piece: Uint8Array): Promise<void> {
  return new Promise((resolve) => stream.write(piece, () => resolve()));
}

function decoderOf(coding: Decodable, bytes: Uint8Array): Decoder {
  if (coding === "gzip") return createGunzip();
  if (coding === "br") return createBrotliDecompress();
  // Some servers send deflate without the frame of zlib, whose first byte names the method 8.
  return (bytes[0]! & 0x0f) === 8 ? createInflate() : createInflateRaw();
}
