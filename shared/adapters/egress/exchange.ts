import { EgressRefused } from "../../core/egress/refusal.ts";
import type { HopRequest } from "../../core/egress/redirect.ts";
import { formatRequestHead } from "../../core/egress/request_head.ts";
import {
  bad,
  framingOf,
  parseResponseHead,
  type ResponseHead,
} from "../../core/egress/response_head.ts";
import { singleHeader } from "../../core/egress/response_headers.ts";
import type { CheckedUrl } from "../../core/egress/url.ts";
import { ByteReader } from "./byte_reader.ts";
import type { Connection } from "./dial.ts";
import { type CappedBody, readBody } from "./response_body.ts";

/** A response with its body. */
export interface Exchange {
  head: ResponseHead;
  body: CappedBody;
}

const MAX_HEAD_BYTES = 64 * 1024;
const MAX_INTERIM_RESPONSES = 5;

/**
 * Sends one request over a connection and reads its response, with at most `maxBytes` of the body.
 * The connection cannot be used again. Throws EgressFailed and EgressRefused.
 */
export async function exchange(
  connection: Connection,
  url: CheckedUrl,
  request: HopRequest,
  maxBytes: number,
): Promise<Exchange> {
  // A server may answer and stop reading before it has the whole request. Only the answer counts.
  send(connection, url, request).catch(() => {});
  const reader = new ByteReader(connection);
  const head = await readFinalHead(reader);
  const framing = framingOf(head, request.method);
  refuseContentCoding(head);
  return { head, body: await readBody(reader, framing, maxBytes) };
}

async function send(connection: Connection, url: CheckedUrl, request: HopRequest): Promise<void> {
  await writeAll(connection, formatRequestHead(url, request));
  if (request.body) await writeAll(connection, request.body);
}

async function writeAll(connection: Connection, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) at += await connection.write(bytes.subarray(at));
}

/** Returns the first head that is not 1xx. All heads together are bounded. */
async function readFinalHead(reader: ByteReader): Promise<ResponseHead> {
  const budget = { bytes: MAX_HEAD_BYTES };
  for (let interim = 0; interim <= MAX_INTERIM_RESPONSES; interim++) {
    const head = parseResponseHead(await readHead(reader, budget));
    if (head.status === 101) throw bad("switches to another protocol");
    if (head.status >= 200) return head;
  }
  throw bad("has too many interim responses");
}

async function readHead(reader: ByteReader, budget: { bytes: number }): Promise<string> {
  const lines: string[] = [];
  for (;;) {
    const line = await reader.line(budget);
    if (line === "") return lines.join("\r\n");
    lines.push(line);
  }
}

/** The request asks for no content coding. A small coded body may unpack to any size. */
function refuseContentCoding(head: ResponseHead): void {
  const coded = head.lines.some(([name]) => name === "content-encoding");
  const coding = singleHeader(head.lines, "content-encoding")?.toLowerCase();
  if (!coded || coding === "identity" || coding === "") return;
  throw new EgressRefused("egress_content_coding", "the response is compressed, unasked");
}
