import type { HopRequest } from "../../core/egress/redirect.ts";
import { formatRequestHead } from "../../core/egress/request_head.ts";
import { EgressRefused } from "../../core/egress/refusal.ts";
import {
  bad,
  framingOf,
  parseResponseHead,
  type ResponseHead,
} from "../../core/egress/response_head.ts";
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
/** The first frame of an HTTP/2 server: settings for stream 0. Its third byte is its length. */
const HTTP2_SETTINGS = [0, 0, undefined, 4, 0, 0, 0, 0, 0];

/** Returns how many bytes of the body to read. The body is not touched for zero. */
export type BodyBytes = (head: ResponseHead) => number;

/**
 * Sends one request over a connection and reads its response with the wanted part of the body. The
 * connection cannot be used again. Throws EgressFailed and EgressRefused.
 */
export async function exchange(
  connection: Connection,
  url: CheckedUrl,
  request: HopRequest,
  bodyBytes: BodyBytes,
): Promise<Exchange> {
  // A server may answer and stop reading before it has the whole request. Only the answer counts.
  send(connection, url, request).catch(() => {});
  const reader = new ByteReader(connection);
  const head = await readFinalHead(reader);
  const maxBytes = bodyBytes(head);
  // A body that is not wanted spoils nothing: neither its form nor its length counts.
  if (maxBytes === 0) return { head, body: { bytes: new Uint8Array(), truncated: false } };
  return { head, body: await readBody(reader, framingOf(head, request.method), maxBytes) };
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
  if (await reader.beginsLike(HTTP2_SETTINGS)) throw refusedHttp2();
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
    const line = await reader.line(budget, true);
    if (line === "") return lines.join("\r\n");
    lines.push(line);
  }
}

function refusedHttp2(): EgressRefused {
  return new EgressRefused("egress_http_version", "the host supports only HTTP/2");
}
