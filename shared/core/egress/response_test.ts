import assert from "node:assert/strict";
import { contentCodings } from "./content_coding.ts";
import { type Framing, framingOf, parseChunkSize, parseResponseHead } from "./response_head.ts";
import { keptHeaders, singleHeader } from "./response_headers.ts";
import { retryAfterMs } from "./retry_after.ts";
import { storeBody } from "./stored_body.ts";

const head = (...lines: string[]) => parseResponseHead(["HTTP/1.1 200 OK", ...lines].join("\r\n"));
const BAD = { code: "egress_bad_response" };

Deno.test("a head is read strictly", () => {
  assert.deepEqual(head("Content-Type: text/plain ", "X-A:", "x-b: a:b\tc"), {
    minor: 1,
    status: 200,
    lines: [["content-type", "text/plain"], ["x-a", ""], ["x-b", "a:b\tc"]],
  });
  for (const first of ["HTTP/1.0 404", "HTTP/1.1 503 ", "HTTP/1.1 200 \xe4", "HTTP/1.1 999 x"]) {
    assert.ok(parseResponseHead(first).status >= 200);
  }
});

const NOT_A_HEAD = [
  ...["", "hello", "HTTP/1.2 200 OK", "HTTP/2 200", "HTTP/1.1 99 x", "HTTP/1.1 099 x"],
  ...["HTTP/1.1  200 OK", "http/1.1 200 OK", " HTTP/1.1 200 OK", "HTTP/1.1 200 O\0K"],
  ...["HTTP/1.1 2000 OK", "ICY 200 OK"],
];
for (const first of NOT_A_HEAD) {
  Deno.test(`no status line: ${JSON.stringify(first)}`, () => {
    assert.throws(() => parseResponseHead(first), BAD);
  });
}

const NOT_A_HEADER = [
  ...["no colon", ": x", "a b: x", "a : x", " folded", "\tfolded", "a: x\0", "a: x\ry", "a: x\ny"],
  ...["\xe4: x", "a\0: x", `${"a".repeat(257)}: x`],
];
for (const line of NOT_A_HEADER) {
  Deno.test(`no header: ${JSON.stringify(line.slice(0, 20))}`, () => {
    assert.throws(() => head(line), BAD);
  });
}

Deno.test("a head has at most 200 headers", () => {
  assert.throws(() => head(...Array.from({ length: 201 }, () => "a: b")), BAD);
});

Deno.test("a line of blanks costs no more than reading it", () => {
  const blank = `a:${" \t".repeat(30_000)}b`;
  assert.equal(head(blank).lines[0]?.[1], "b");
});

Deno.test("the end of a body is what both lengths and methods say", () => {
  assert.deepEqual(framingOf(head("content-length: 5"), "GET"), { kind: "length", length: 5 });
  assert.deepEqual(framingOf(head("transfer-encoding: Chunked"), "GET"), { kind: "chunked" });
  assert.deepEqual(framingOf(head(), "GET"), { kind: "until_close" });
  assert.deepEqual(framingOf(head("content-length: 5"), "HEAD"), { kind: "none" });
  for (const status of [204, 304]) {
    const empty = parseResponseHead(`HTTP/1.1 ${status} x\r\ncontent-length: 5`);
    assert.deepEqual(framingOf(empty, "GET"), { kind: "none" });
  }
});

const AMBIGUOUS: Record<string, string[]> = {
  "two lengths": ["content-length: 2", "content-length: 3"],
  "a list of lengths": ["content-length: 2, 3"],
  "a list with an empty length": ["content-length: 2,"],
  "a negative length": ["content-length: -1"],
  "a signed length": ["content-length: +1"],
  "a hexadecimal length": ["content-length: 0x2"],
  "an empty length": ["content-length:"],
  "a length beyond numbers": [`content-length: ${"9".repeat(16)}`],
  "a coding before chunked": ["transfer-encoding: gzip, chunked"],
  "another coding": ["transfer-encoding: gzip"],
  "a length and another coding": ["content-length: 2", "transfer-encoding: gzip"],
  "a coding that looks like chunked": ["transfer-encoding: xchunked"],
};
for (const [what, lines] of Object.entries(AMBIGUOUS)) {
  Deno.test(`a response with ${what} is refused`, () => {
    assert.throws(() => framingOf(head(...lines), "GET"), BAD);
    assert.deepEqual(framingOf(head(...lines), "HEAD"), { kind: "none" });
  });
}

const TOLERATED: Record<string, [string[], Framing]> = {
  "two equal lengths": [
    ["content-length: 2", "content-length: 2"],
    { kind: "length", length: 2 },
  ],
  "a list of equal lengths": [["content-length: 2, 2"], { kind: "length", length: 2 }],
  "chunks and a length": [
    ["content-length: 2", "transfer-encoding: chunked"],
    { kind: "chunked" },
  ],
  "chunked twice": [
    ["transfer-encoding: chunked", "transfer-encoding: chunked"],
    { kind: "chunked" },
  ],
  "identity": [["transfer-encoding: identity"], { kind: "until_close" }],
  "identity and a length": [
    ["transfer-encoding: identity", "content-length: 5"],
    { kind: "length", length: 5 },
  ],
};
for (const [what, [lines, framing]] of Object.entries(TOLERATED)) {
  Deno.test(`a response with ${what} is read, as curl and fetch read it`, () => {
    assert.deepEqual(framingOf(head(...lines), "GET"), framing);
  });
}

Deno.test("HTTP/1.0 has no chunks", () => {
  const old = parseResponseHead("HTTP/1.0 200 OK\r\ntransfer-encoding: chunked");
  assert.throws(() => framingOf(old, "GET"), BAD);
});

Deno.test("a chunk's size is hexadecimal, of at most eight digits", () => {
  assert.deepEqual(["0", "a", "FF", "10;x=y", "5 ", "0000000000000005"].map(parseChunkSize), [
    ...[0, 10, 255, 16, 5, 5],
  ]);
  for (const line of ["", " 5", "-1", "+5", "0x5", "5x", "fffffffff", "5\0", "5;\0", "zz"]) {
    assert.throws(() => parseChunkSize(line), BAD, line);
  }
});

Deno.test("only listed headers are kept, and credentials never", () => {
  const lines = head(
    ...["Content-Type: text/plain", "Set-Cookie: a=b", "X-Secret: s", "X-Mine: 1", "x-mine: 2"],
    ...["www-authenticate: Basic", "proxy-authenticate: x", "authorization: y", "Server: z"],
  ).lines;
  const extra = ["X-Mine", "set-cookie", "www-authenticate", "authorization"];
  assert.deepEqual(keptHeaders(lines, extra), { "content-type": "text/plain", "x-mine": "1, 2" });
});

Deno.test("kept headers are bounded, and fit to be stored", () => {
  const long = head(...Array.from({ length: 9 }, (_, at) => `x-${at}: ${"v".repeat(3_000)}`)).lines;
  const kept = keptHeaders(long, long.map(([name]) => name));
  assert.ok(JSON.stringify(kept).length < 8_000);
  assert.equal(kept["x-0"]?.length, 2_048);
  assert.equal(keptHeaders([["etag", "a\0\ud800b"]], [])["etag"], "a\ufffd\ufffdb");
  assert.deepEqual(Object.keys(keptHeaders([["__proto__", "x"]], ["__proto__"])), ["__proto__"]);
});

Deno.test("a repeated header has no single value", () => {
  const { lines } = head("location: /a", "location: /b", "etag: x");
  assert.equal(singleHeader(lines, "location"), undefined);
  assert.equal(singleHeader(lines, "etag"), "x");
});

Deno.test("Retry-After is seconds or a date, between a second and an hour", () => {
  const now = Date.parse("Sun, 06 Nov 1994 08:49:37 GMT");
  const ms = (value: string | undefined) => retryAfterMs(value, now);
  assert.deepEqual(["0", "5", " 120 ", "99999999"].map(ms), [1_000, 5_000, 120_000, 3_600_000]);
  assert.equal(ms("Sun, 06 Nov 1994 08:50:37 GMT"), 60_000);
  assert.equal(ms("Sun, 06 Nov 1994 07:00:00 GMT"), 1_000);
  assert.equal(ms("Mon, 07 Nov 1994 08:49:37 GMT"), 3_600_000);
  const none = [undefined, "", "soon", "-5", "1.5", "1e9", "5, 6", "1994-11-06", "Infinity", "0x5"];
  assert.deepEqual(none.map(ms), none.map(() => undefined));
  assert.equal(ms("Sun, 99 Nov 1994 08:49:37 GMT"), undefined);
});

const bytes = (text: string) => new TextEncoder().encode(text);

Deno.test("UTF-8 text is kept as text, without what jsonb cannot hold", () => {
  const kept = storeBody(bytes('{"ä":"\0"}'), "application/json", false, 1_000);
  assert.deepEqual(kept, { body: '{"ä":"\ufffd"}', body_encoding: "text", truncated: false });
  const types = ["text/html; charset=UTF-8", "application/problem+json", "text/csv", undefined];
  for (const type of types) {
    assert.equal(storeBody(bytes("a"), type, false, 100).body_encoding, "text");
  }
});

Deno.test("what is not UTF-8 text is kept as base64", () => {
  const binary = new Uint8Array([0x22, 0xff, 0x22]);
  for (const type of ["text/plain", "application/json", undefined]) {
    assert.deepEqual(storeBody(binary, type, false, 100), {
      ...{ body: "Iv8i", body_encoding: "base64", truncated: false },
    });
  }
  const others = ["image/png", "application/octet-stream", "text/plain; charset=iso-8859-1"];
  for (const type of others) {
    assert.equal(storeBody(bytes("plain"), type, false, 100).body_encoding, "base64");
  }
});

Deno.test("a body cut within a character is still text", () => {
  const cut = bytes("aä").subarray(0, 2);
  assert.deepEqual(storeBody(cut, "text/plain", true, 100), {
    ...{ body: "a", body_encoding: "text", truncated: true },
  });
  assert.equal(storeBody(cut, "text/plain", false, 100).body_encoding, "base64");
});

Deno.test("a stored body fits its limit as JSON", () => {
  const texts = ["x".repeat(999), '"'.repeat(999), "\x01".repeat(999), "€".repeat(999)];
  for (const text of [...texts, "\u{1f600}".repeat(999)]) {
    const kept = storeBody(bytes(text), "text/plain", false, 500);
    assert.equal(kept.truncated, true);
    const size = bytes(JSON.stringify(kept.body)).length;
    assert.ok(size <= 500 && size > 490, `${size}`);
    assert.ok(kept.body.isWellFormed());
  }
  const binary = storeBody(new Uint8Array(30_000), "image/png", false, 20_000);
  assert.ok(binary.truncated && JSON.stringify(binary.body).length <= 20_000);
  const whole = storeBody(new Uint8Array(30_000).fill(7), "image/png", false, 50_000);
  assert.equal(atob(whole.body).length, 30_000);
});

const SECRET = 'planted/secret"1';

Deno.test("a header is redacted before it is cut, and before it is joined", () => {
  for (const before of [0, 2_030, 2_040, 2_047, 3_000]) {
    const { lines } = head(`etag: ${"x".repeat(before)}${SECRET}`, `etag: y${SECRET}`);
    assert.doesNotMatch(JSON.stringify(keptHeaders(lines, [], [SECRET])), /plant/);
  }
});

Deno.test("codings are listed in the order of their removal", () => {
  const of = (...values: string[]) =>
    contentCodings(head(...values.map((value) => `content-encoding: ${value}`)).lines);
  assert.deepEqual(of("gzip"), ["gzip"]);
  assert.deepEqual(of("X-GZIP, br"), ["br", "gzip"]);
  assert.deepEqual(of("deflate", "gzip"), ["gzip", "deflate"]);
  assert.deepEqual(of("identity"), []);
  assert.deepEqual(of("gzip, zstd"), ["opaque", "gzip"]);
  assert.deepEqual(of("gzip, gzip, gzip, gzip"), ["opaque"]);
  // Servers that name a charset or nothing at all mean no coding.
  assert.deepEqual([of(), of(""), of("utf-8"), of("none")], [[], [], [], []]);
});
