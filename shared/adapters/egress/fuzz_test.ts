import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { EgressFailed, EgressRefused } from "../../core/egress/refusal.ts";
import { Random } from "../../../supabase/tests/fixtures/random.ts";
import type { Connection } from "./dial.ts";
import { createEgress, type EgressResponse } from "./egress.ts";
import { never, policy, site } from "./fake_egress.ts";

// JOBFORGE_SEED repeats a run, JOBFORGE_FUZZ lengthens it.
const SEED = Number(Deno.env.get("JOBFORGE_SEED") ?? 7);
const ROUNDS = Number(Deno.env.get("JOBFORGE_FUZZ") ?? 3_000);
const CAP = 2_000;
const PORT = 8_443;

type Pick = (below: number) => number;

const latin1 = (text: string) => Uint8Array.from(text, (char) => char.charCodeAt(0) & 0xff);
const OK = "HTTP/1.1 200 OK\r\n";
const GZIP = String.fromCharCode(...gzipSync("hello ".repeat(900)));
const ANSWERS = [
  `${OK}Content-Type: text/plain\r\nContent-Length: 5\r\n\r\nhello`,
  `${OK}Transfer-Encoding: chunked\r\n\r\n5;x=y\r\nhello\r\n6\r\n world\r\n0\r\nX-T: 1\r\n\r\n`,
  `${OK}Content-Encoding: gzip\r\nContent-Length: ${GZIP.length}\r\n\r\n${GZIP}`,
  `${OK}Content-Encoding: br\r\n\r\n${GZIP}`,
  `HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n${OK}ETag: "e"\r\n\r\n${"body ".repeat(900)}`,
  "HTTP/1.1 302 Found\r\nLocation: /again\r\nContent-Length: 0\r\n\r\n",
  "HTTP/1.1 503 Busy\r\nRetry-After: Sun, 06 Nov 1994 08:49:37 GMT\r\nContent-Length: 0\r\n\r\n",
  "HTTP/1.0 204 No Content\nSet-Cookie: a=b\n\n",
  "\0\0\x12\x04\0\0\0\0\0\0\x03\0\0\0d",
];
const MARKS = [
  ...[
    "\r\n",
    "\n",
    "\r",
    "\0",
    ":",
    " ",
    "\t",
    ";",
    ",",
    "\xff",
    "0",
    "-1",
    "ffffffff",
    "9".repeat(20),
  ],
  ...["Content-Length: 3\r\n", "Transfer-Encoding: chunked\r\n", "Content-Encoding: deflate\r\n"],
  ...["HTTP/1.1 100 Continue\r\n\r\n", "\r\n\r\n", "a".repeat(70_000), "1\r\nx\r\n".repeat(3_000)],
];

function mutated(answer: string, pick: Pick): string {
  let text = answer;
  for (let left = 1 + pick(4); left > 0; left--) {
    const at = pick(text.length + 1);
    const to = Math.min(text.length, at + 1 + pick(12));
    const kinds = [
      () => text.slice(0, at) + MARKS[pick(MARKS.length)] + text.slice(at),
      () => text.slice(0, at) + text.slice(to),
      () => text.slice(0, at) + text.slice(at, to).repeat(2 + pick(3)) + text.slice(to),
      () => text.slice(0, at) + String.fromCharCode(pick(256)) + text.slice(at + 1),
      () => text.slice(0, at),
      () => text + ANSWERS[pick(ANSWERS.length)],
    ];
    text = kinds[pick(kinds.length)]!();
  }
  return text;
}

/** A connection that brings the bytes in pieces, then ends or breaks. */
function connectionOf(bytes: Uint8Array, pick: Pick): Connection {
  let at = 0;
  const sizes = bytes.length < 4_000 ? [1, 7, 100, 16_384] : [100, 16_384];
  const most = sizes[pick(sizes.length)]!;
  const breaks = pick(5) === 0;
  return {
    remoteAddress: "127.0.0.1",
    read(into) {
      const piece = bytes.subarray(at, at + Math.min(most, into.length));
      if (piece.length === 0 && breaks) return Promise.reject(new Deno.errors.ConnectionReset());
      into.set(piece);
      at += piece.length;
      return Promise.resolve(piece.length || null);
    },
    write: (content) => Promise.resolve(content.length),
    close() {},
    startTls: () => Promise.reject(new Deno.errors.InvalidData("received fatal alert: X")),
  };
}

/** Returns what is wrong with the end of a request, or undefined. */
function problemWith(ended: EgressResponse | unknown): string | undefined {
  if (ended instanceof EgressFailed || ended instanceof EgressRefused) return undefined;
  if (ended instanceof Error || typeof ended !== "object") return `raw: ${ended}`;
  const { body, headers, status, retryAfterMs = 1_000 } = ended as EgressResponse;
  if (body.length > CAP) return `a body of ${body.length} bytes`;
  if (JSON.stringify(headers).length > 16_384 || headers["set-cookie"]) return "headers";
  if (status < 200 || status > 999) return `status ${status}`;
  return retryAfterMs < 1_000 || retryAfterMs > 3_600_000 ? `wait ${retryAfterMs}` : undefined;
}

Deno.test(`${ROUNDS} mutated answers give no raw error, and nothing beyond the cap`, async () => {
  const random = new Random(SEED);
  const pick: Pick = (below) => random.int(0, below - 1);
  for (let round = 0; round < ROUNDS; round++) {
    const answer = mutated(ANSWERS[pick(ANSWERS.length)]!, pick);
    const dial = () => Promise.resolve(connectionOf(latin1(answer), pick));
    const egress = createEgress({ site: site(PORT), dial });
    const limits = { maxResponseBytes: CAP, redirects: pick(3), timeoutMs: 10_000 };
    const request = { url: `http://127.0.0.1:${PORT}/`, method: "GET" as const };
    const sent = egress({ ...request, secrets: ["hello world"] }, policy(PORT, limits), never);
    const ended = await sent.catch((thrown) => thrown);
    const problem = ended?.code === "egress_timeout" ? "it hung" : problemWith(ended);
    assert.equal(problem, undefined, `seed ${SEED}, round ${round}: ${JSON.stringify(answer)}`);
  }
});
