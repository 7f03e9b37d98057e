import assert from "node:assert/strict";
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from "node:zlib";
import type { EgressPolicy } from "../../core/egress/policy.ts";
import { DECODES_BROTLI } from "./decode_body.ts";
import { createEgress, type EgressRequest, type EgressResponse } from "./egress.ts";
import { get, never, policy, site } from "./fake_egress.ts";
import { withServer } from "./fake_server.ts";

const TEXT = JSON.stringify({ order: 7, note: "grüß dich ".repeat(200) });
const bytes = new TextEncoder().encode(TEXT);

/** Returns the answer of a server that sends this body. */
async function answered(
  lines: string[],
  body: Uint8Array,
  changes: Partial<EgressPolicy> = {},
  request: Partial<EgressRequest> = {},
): Promise<EgressResponse> {
  let answer: EgressResponse | undefined;
  const status = lines[0]?.startsWith("HTTP") ? [] : ["HTTP/1.1 200 OK"];
  const head = [...status, ...lines, `Content-Length: ${body.length}`].join("\r\n") + "\r\n\r\n";
  await withServer(async ({ write }) => {
    await write(head);
    await write(body);
  }, async ({ port }) => {
    const open = policy(port, { methods: ["GET", "HEAD"], ...changes });
    const sent = { ...get(`http://127.0.0.1:${port}/`), ...request };
    answer = await createEgress({ site: site(port) })(sent, open, never);
  });
  return answer!;
}
const textOf = ({ body }: EgressResponse) => new TextDecoder().decode(body);

const CODED: Record<string, [string, Uint8Array]> = {
  "gzip": ["gzip", gzipSync(bytes)],
  "gzip by its old name": ["X-Gzip", gzipSync(bytes)],
  ...DECODES_BROTLI ? { "brotli": ["br", brotliCompressSync(bytes)] } : {},
  "deflate": ["deflate", deflateSync(bytes)],
  "deflate without its frame": ["deflate", deflateRawSync(bytes)],
  "two codings": ["deflate, gzip", gzipSync(deflateSync(bytes))],
  "gzip, and identity": ["identity, gzip", gzipSync(bytes)],
  "a charset for a coding": ["utf-8", bytes],
};
for (const [what, [coding, body]] of Object.entries(CODED)) {
  Deno.test(`an answer in ${what} is read, though it was not asked for`, async () => {
    const answer = await answered([`Content-Encoding: ${coding}`], body);
    assert.equal(textOf(answer), TEXT);
    assert.deepEqual([answer.truncated, answer.headers["content-encoding"]], [false, undefined]);
  });
}

const NO_BODY: [string, string, "GET" | "HEAD"][] = [
  ["a 204", "HTTP/1.1 204 No Content", "GET"],
  ["a 304", "HTTP/1.1 304 Not Modified", "GET"],
  ["an answer to HEAD", "HTTP/1.1 200 OK", "HEAD"],
  ["an empty answer", "HTTP/1.1 200 OK", "GET"],
];
for (const [what, status, method] of NO_BODY) {
  Deno.test(`${what} may name any coding`, async () => {
    for (const coding of ["gzip", "br", "zstd"]) {
      const lines = [status, `Content-Encoding: ${coding}`];
      const secrets = ["planted-secret"];
      const answer = await answered(lines, new Uint8Array(), {}, { method, secrets });
      assert.deepEqual([answer.body.length, answer.truncated], [0, false]);
    }
  });
}

const KEPT_AS_THEY_ARE: Record<string, [string, Uint8Array]> = {
  "a coding that is not decoded": ["zstd", Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd)],
  "four codings": ["gzip, gzip, gzip, gzip", gzipSync(bytes)],
  "what is not gzip": ["gzip", bytes],
  "what is not brotli": ["br", bytes],
  "what is not deflate": ["deflate", Uint8Array.of(0x78, 0xff, 1, 2)],
};
for (const [what, [coding, body]] of Object.entries(KEPT_AS_THEY_ARE)) {
  Deno.test(`${what} is kept as it came, under its name`, async () => {
    const answer = await answered([`Content-Encoding: ${coding}`], body);
    assert.deepEqual(answer.body, new Uint8Array(body));
    assert.deepEqual([answer.truncated, answer.headers["content-encoding"]], [false, coding]);
  });
}

Deno.test("what is still compressed is not kept where a secret was sent", async () => {
  const body = Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd);
  const answer = await answered(["Content-Encoding: zstd"], body, {}, {
    secrets: ["planted-secret"],
  });
  assert.deepEqual([answer.status, answer.body.length, answer.truncated], [200, 0, true]);
});

const ZEROS = new Uint8Array(50_000_000);
const BOMBS = { gzip: gzipSync(ZEROS), br: brotliCompressSync(ZEROS) };
const isDecoded = (coding: string) => coding === "gzip" || DECODES_BROTLI;

for (const [coding, body] of Object.entries(BOMBS)) {
  Deno.test(`a small ${coding} that unpacks to 50 MB costs no more than the cap`, async () => {
    const before = Deno.memoryUsage().external;
    const cap = { maxResponseBytes: 100_000 };
    const answer = await answered([`Content-Encoding: ${coding}`], body, cap);
    const kept = isDecoded(coding) ? [100_000, true] : [body.length, false];
    assert.deepEqual([answer.body.length, answer.truncated], kept);
    const grown = Deno.memoryUsage().external - before;
    assert.ok(grown < 20_000_000, `${grown}`);
  });
}

const WHOLE = { gzip: gzipSync(bytes), br: brotliCompressSync(bytes) };
for (const [coding, whole] of Object.entries(WHOLE)) {
  Deno.test(`of ${coding} that ends too early is kept what came`, async () => {
    const answer = await answered([`Content-Encoding: ${coding}`], whole.subarray(0, -8));
    if (coding === "gzip") assert.equal(answer.truncated, true);
    const kept = isDecoded(coding) ? TEXT.startsWith(textOf(answer)) : answer.body.length;
    assert.ok(kept);
  });
}

Deno.test("a body that compression made larger is whole at the cap", async () => {
  const noise = crypto.getRandomValues(new Uint8Array(10_000));
  const answer = await answered(["Content-Encoding: gzip"], gzipSync(noise), {
    maxResponseBytes: 10_000,
  });
  assert.deepEqual([answer.body, answer.truncated], [noise, false]);
});

const SECRET = "planted-secret-of-the-connector";
for (const coding of ["identity", "gzip", ...DECODES_BROTLI ? ["br"] : []]) {
  Deno.test(`a secret is not kept wherever the cap cuts it: ${coding}`, async () => {
    const echo = new TextEncoder().encode(`{"you sent":"${SECRET}","and":"${"x".repeat(500)}"}`);
    const body = coding === "gzip"
      ? gzipSync(echo)
      : coding === "br"
      ? brotliCompressSync(echo)
      : echo;
    for (let cap = 10; cap <= 60; cap += 5) {
      const lines = [`Content-Encoding: ${coding}`, `ETag: ${"e".repeat(2_040)}${SECRET}`];
      const answer = await answered(lines, new Uint8Array(body), { maxResponseBytes: cap }, {
        secrets: [SECRET],
      });
      assert.deepEqual([answer.body.length, answer.truncated], [cap, true]);
      assert.doesNotMatch(textOf(answer) + JSON.stringify(answer.headers), /pla|plan/);
    }
  });
}

Deno.test("a secret is not kept where Brotli ends within it", async () => {
  const whole = brotliCompressSync(new TextEncoder().encode(`${"x".repeat(50)}${SECRET}`));
  for (let end = 1; end < whole.length; end++) {
    const answer = await answered(["Content-Encoding: br"], whole.subarray(0, end), {}, {
      secrets: [SECRET],
    });
    assert.doesNotMatch(textOf(answer), /pla/);
  }
});
