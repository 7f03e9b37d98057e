import assert from "node:assert/strict";
import type { EgressPolicy } from "../../core/egress/policy.ts";
import { createEgress, type EgressResponse } from "./egress.ts";
import { type Behavior, withServer } from "./fake_server.ts";

const never = new AbortController().signal;
const OK = "HTTP/1.1 200 OK\r\n";
const CHUNKED = `${OK}Transfer-Encoding: chunked\r\n\r\n`;

/** Returns the answer of a server with this behavior, or the code of the error. */
async function ask(
  behave: Behavior,
  changes: Partial<EgressPolicy> = {},
  method: "GET" | "HEAD" = "GET",
): Promise<EgressResponse | string> {
  let ended: EgressResponse | string = "";
  await withServer(behave, async ({ port }) => {
    const site = { supabaseUrl: "http://127.0.0.1:1", localEgress: [`127.0.0.1:${port}`] };
    const policy: EgressPolicy = {
      ...{ hosts: ["127.0.0.1"], schemes: ["http"], ports: [port], methods: ["GET", "HEAD"] },
      ...{ redirects: 0, timeoutMs: 20_000, maxResponseBytes: 1_000, responseHeaders: [] },
      ...changes,
    };
    const request = { url: `http://127.0.0.1:${port}/`, method };
    ended = await createEgress({ site })(request, policy, never)
      .catch((thrown: { code?: string; message: string }) => thrown.code ?? thrown.message);
  });
  return ended;
}

const says = (...parts: string[]): Behavior => async ({ write }) => {
  for (const part of parts) await write(part);
};
const textOf = (answer: EgressResponse | string) =>
  typeof answer === "string" ? answer : new TextDecoder().decode(answer.body);

const READ: Record<string, [Behavior, string]> = {
  "a length": [says(`${OK}Content-Length: 5\r\n\r\nhello`), "hello"],
  "no more than the length": [says(`${OK}Content-Length: 2\r\n\r\nhello`), "he"],
  "an empty body": [says(`${OK}Content-Length: 0\r\n\r\n`), ""],
  "chunks": [
    says(CHUNKED, "5\r\nhel", "lo\r\n6;x=y\r\n world\r\n0\r\nX-T: 1\r\n\r\n"),
    "hello world",
  ],
  "the end of the connection": [says("HTTP/1.0 200 OK\r\n\r\n", "hel", "lo"), "hello"],
  "a few interim responses": [
    says("HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n".repeat(5), `${OK}\r\nhello`),
    "hello",
  ],
  "a coding that is none": [says(`${OK}Content-Encoding: identity\r\n\r\nhello`), "hello"],
  "equal lengths": [says(`${OK}Content-Length: 2\r\nContent-Length: 2\r\n\r\nhi`), "hi"],
  "a list of equal lengths": [says(`${OK}Content-Length: 2, 2\r\n\r\nhi`), "hi"],
  "chunks rather than a length": [
    says(
      `${OK}Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n`,
    ),
    "hello",
  ],
  "a head without CR": [says("HTTP/1.1 200 OK\nContent-Length: 2\n\nhi"), "hi"],
  "a head of both kinds of lines": [
    says("HTTP/1.1 200 OK\r\nX-A: 1\nContent-Length: 2\n\r\nhi"),
    "hi",
  ],
  "a status that is none": [says("HTTP/1.1 999 Denied\r\nContent-Length: 2\r\n\r\nhi"), "hi"],
};
for (const [what, [behave, text]] of Object.entries(READ)) {
  Deno.test(`a body is read by ${what}`, async () => {
    const answer = await ask(behave);
    assert.equal(textOf(answer), text);
    assert.equal((answer as EgressResponse).truncated, false);
  });
}

Deno.test("a HEAD has no body, also with a content-length", async () => {
  const answer = await ask(says(`${OK}Content-Length: 99999999999\r\n\r\n`), {}, "HEAD");
  assert.equal(textOf(answer), "");
});

const MANY = 200_000;
const endless = (first: string, line: string): Behavior => async ({ write }) => {
  await write(first);
  const bytes = new TextEncoder().encode(line);
  for (let count = 0; count < MANY; count++) await write(bytes);
};
const BAD: Record<string, Behavior> = {
  "a head without end": endless(OK, `X-A: ${"a".repeat(1_000)}\r\n`),
  "a header without end": endless(`${OK}X-A: `, "a".repeat(1_000)),
  "a head of more than 64 KiB": says(
    `${OK}X-A: ${"a".repeat(65 * 1024)}\r\n`,
    "Content-Length: 2\r\n\r\nhi",
  ),
  "interim responses without end": endless("", "HTTP/1.1 100 Continue\r\n\r\n"),
  "a sixth interim response": says(
    "HTTP/1.1 103 Early Hints\r\n\r\n".repeat(6),
    `${OK}Content-Length: 2\r\n\r\nhi`,
  ),
  "interim responses of more than 64 KiB together": says(
    `HTTP/1.1 103 Early Hints\r\nX-A: ${"a".repeat(14 * 1024)}\r\n\r\n`.repeat(5),
    `${OK}Content-Length: 2\r\n\r\nhi`,
  ),
  "trailers without end": endless(`${CHUNKED}0\r\n`, `X-A: ${"a".repeat(1_000)}\r\n`),
  "an extension of a chunk without end": endless(`${CHUNKED}5;`, "a".repeat(1_000)),
  "two lengths": says(`${OK}Content-Length: 2\r\nContent-Length: 3\r\n\r\nhii`),
  "a bad chunk size": says(CHUNKED, "zz\r\nhello\r\n0\r\n\r\n"),
  "a huge chunk size": says(CHUNKED, "fffffffffffffffff\r\nhello\r\n0\r\n\r\n"),
  "a negative chunk size": says(CHUNKED, "-1\r\nhello\r\n0\r\n\r\n"),
  "a chunk longer than its size": says(CHUNKED, "2\r\nhello\r\n0\r\n\r\n"),
  "a size of a chunk without CR": says(CHUNKED, "5\nhello\r\n0\r\n\r\n"),
  "a chunk without CR": says(CHUNKED, "5\r\nhello\n0\r\n\r\n"),
  "a trailer without CR": says(CHUNKED, "5\r\nhello\r\n0\r\nX: y\n\n"),
  "two lists of lengths": says(`${OK}Content-Length: 2, 3\r\n\r\nhii`),
  "a switch of protocols": says("HTTP/1.1 101 Switching\r\nUpgrade: x\r\n\r\nhi"),
  "another protocol": says("SSH-2.0-OpenSSH_9.9\r\n\r\n"),
};
for (const [what, behave] of Object.entries(BAD)) {
  Deno.test(`${what} is no answer`, async () => {
    assert.equal(await ask(behave), "egress_bad_response");
  });
}

const CUT: Record<string, Behavior> = {
  "nothing": says(),
  "half a head": says("HTTP/1.1 200 OK\r\nContent-"),
  "less than the length it named": says(`${OK}Content-Length: 99999999999\r\n\r\nhi`),
  "half a chunk": says(CHUNKED, "5\r\nhel"),
  "chunks without a last one": says(CHUNKED, "5\r\nhello\r\n"),
};
for (const [what, behave] of Object.entries(CUT)) {
  Deno.test(`a server that sends ${what} has lost the connection`, async () => {
    assert.equal(await ask(behave), "egress_connection_lost");
  });
}

const drip = (first: string, part: string): Behavior => async ({ write, pause }) => {
  await write(first);
  for (;;) {
    await write(part);
    await pause(10);
  }
};
const SLOW: Record<string, Behavior> = {
  "accepts and says nothing": undefined,
  "drips headers": drip(OK, "X-A: 1\r\n"),
  "drips a body": drip(`${OK}Content-Length: 900\r\n\r\n`, "x"),
  "drips chunks": drip(CHUNKED, "1\r\nx\r\n"),
};
for (const [what, behave] of Object.entries(SLOW)) {
  Deno.test(`a server that ${what} is left when the deadline is over`, async () => {
    assert.equal(await ask(behave, { timeoutMs: 200 }), "egress_timeout");
  });
}

Deno.test("a server of HTTP/2 alone is named, and waited for no longer than its first frame", async () => {
  const settings = "\0\0\x12\x04\0\0\0\0\0" + "\0\x03\0\0\0\x64".repeat(3);
  const frames = [settings, "\0", "\0\0\0\x04\0\0\0\0\0"];
  for (const frame of frames) {
    const waits: Behavior = async ({ write, pause }) => {
      await write(frame);
      await pause(60_000);
    };
    assert.equal(await ask(waits), "egress_http_version");
  }
  assert.equal(await ask(says("\0\0\x12\x07\0\0\0\0\0\r\n\r\n")), "egress_bad_response");
});

Deno.test("a body that is not wanted may have any form, or never end", async () => {
  const heads = [
    "Content-Length: 5\r\nContent-Length: 6",
    "Transfer-Encoding: gzip",
    "Content-Encoding: gzip",
    "Content-Length: 99999999999",
  ];
  for (const line of heads) {
    const stalls: Behavior = async ({ write, pause }) => {
      await write(`${OK}${line}\r\n\r\n`);
      await pause(60_000);
    };
    const answer = await ask(stalls, { maxResponseBytes: 0 }) as EgressResponse;
    assert.deepEqual([answer.status, answer.body.length, answer.truncated], [200, 0, false]);
  }
});

const ENDLESS_BODIES: Record<string, Behavior> = {
  "by length": endless(`${OK}Content-Length: 99999999999\r\n\r\n`, "x".repeat(1_000)),
  "by chunks": endless(CHUNKED, `3e8\r\n${"x".repeat(1_000)}\r\n`),
  "until the end": endless(`${OK}\r\n`, "x".repeat(1_000)),
};
for (const [what, behave] of Object.entries(ENDLESS_BODIES)) {
  Deno.test(`an endless body is cut at the cap: ${what}`, async () => {
    const answer = await ask(behave, { maxResponseBytes: 2_500 }) as EgressResponse;
    assert.deepEqual([answer.body.length, answer.truncated], [2_500, true]);
  });
}

Deno.test("a body in single bytes is read up to a number of chunks", async () => {
  const limits = { maxResponseBytes: 1_000_000 };
  const chunks = (count: number) => says(CHUNKED, "1\r\nx\r\n".repeat(count), "0\r\n\r\n");
  assert.equal(textOf(await ask(chunks(16_000), limits)).length, 16_000);
  assert.equal(await ask(chunks(17_000), limits), "egress_bad_response");
});

Deno.test("a body of exactly the cap is whole", async () => {
  const text = "x".repeat(1_000);
  const bodies = [
    says(`${OK}Content-Length: 1000\r\n\r\n`, text),
    says(CHUNKED, `3e8\r\n${text}\r\n0\r\n\r\n`),
    says(`${OK}\r\n`, text),
  ];
  for (const behave of bodies) {
    const answer = await ask(behave) as EgressResponse;
    assert.deepEqual([answer.body.length, answer.truncated], [1_000, false]);
  }
});
