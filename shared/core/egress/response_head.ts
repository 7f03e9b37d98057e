import { EgressFailed } from "./refusal.ts";
import type { HeaderLine } from "./response_headers.ts";

/** The head of an HTTP/1.x response. */
export interface ResponseHead {
  /** 0 or 1: HTTP/1.0 or HTTP/1.1. */
  minor: number;
  status: number;
  lines: HeaderLine[];
}

/** The end of a response body: no body, a length, chunks, or the end of the connection. */
export type Framing =
  | { kind: "none" }
  | { kind: "length"; length: number }
  | { kind: "chunked" }
  | { kind: "until_close" };

const STATUS_LINE = /^HTTP\/1\.([01]) ([1-9][0-9]{2})(?: [\t -~\x80-\xff]*)?$/;
const HEADER_LINE = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]{1,256}):([\t -~\x80-\xff]*)$/;
const MAX_LINES = 200;

/**
 * Returns the parsed head, given without its empty line, one character per byte. Throws
 * EgressFailed.
 */
export function parseResponseHead(text: string): ResponseHead {
  const [first = "", ...rest] = text.split("\r\n");
  const status = STATUS_LINE.exec(first);
  if (!status) throw bad("does not begin as HTTP/1.1");
  if (rest.length > MAX_LINES) throw bad("has too many headers");
  return { minor: Number(status[1]), status: Number(status[2]), lines: rest.map(parseLine) };
}

/**
 * Returns the end of the body. Throws EgressFailed for a head that two readers could understand
 * differently.
 */
export function framingOf(head: ResponseHead, method: string): Framing {
  if (method === "HEAD" || head.status === 204 || head.status === 304) return { kind: "none" };
  const codings = new Set(listOf(head, "transfer-encoding").map((each) => each.toLowerCase()));
  codings.delete("identity");
  // Chunks beat a length. Nothing follows on the connection that could be taken for an answer.
  if (codings.size === 1 && codings.has("chunked") && head.minor === 1) return { kind: "chunked" };
  if (codings.size > 0) throw bad("has an unknown transfer coding");
  const lengths = new Set(listOf(head, "content-length"));
  if (lengths.size > 1) throw bad("has two lengths");
  const [length] = lengths;
  if (length !== undefined && !/^\d{1,15}$/.test(length)) throw bad("has no valid length");
  if (length !== undefined) return { kind: "length", length: Number(length) };
  return { kind: "until_close" };
}

/** Returns the chunk size of a line. Throws EgressFailed. */
export function parseChunkSize(line: string): number {
  // Extensions follow a semicolon. They are unused and ignored.
  const size = /^0*([0-9a-f]{1,8})[ \t]*(?:;[\t -~\x80-\xff]*)?$/i.exec(line);
  if (!size) throw bad("has no valid chunk size");
  return parseInt(size[1]!, 16);
}

/** Returns the error of an answer that is not the accepted form of HTTP. */
export function bad(why: string): EgressFailed {
  return new EgressFailed("egress_bad_response", `the response ${why}`);
}

function parseLine(line: string): HeaderLine {
  const parsed = HEADER_LINE.exec(line);
  if (!parsed) throw bad("has a malformed header");
  return [parsed[1]!.toLowerCase(), parsed[2]!.trim()];
}

/** Returns the members of a header. Some proxies repeat it or list the same member twice. */
function listOf(head: ResponseHead, name: string): string[] {
  return head.lines.filter(([other]) => other === name)
    .flatMap(([, value]) => value.split(",").map((each) => each.trim()));
}
