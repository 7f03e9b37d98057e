import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { createEgress } from "../../adapters/egress/egress.ts";
import { site } from "../../adapters/egress/fake_egress.ts";
import { withServer } from "../../adapters/egress/fake_server.ts";
import { type Outcome, outcomeOfResult } from "../../core/job/outcome.ts";
import { fakeConnectors } from "../fake_connectors.ts";
import { fakeContext } from "../fake_context.ts";
import { httpRequest } from "./definition.ts";
import { createHttpRequest } from "./handler.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

/** Sends a request with a secret over real HTTP, to a host that echoes it in this form. */
async function echoed(
  echo: (head: string) => [string, Uint8Array],
  config: Record<string, unknown> = {},
): Promise<Outcome> {
  let outcome: Outcome | undefined;
  await withServer(async ({ request, write }) => {
    const [head, body] = echo(request);
    await write(`HTTP/1.1 200 OK\r\n${head}Content-Length: ${body.length}\r\n\r\n`);
    await write(body);
  }, async ({ port }) => {
    const fake = fakeConnectors({
      config: {
        ...{ hosts: ["127.0.0.1"], schemes: ["http"], ports: [port] },
        ...{ auth: { header: "x-api-key" }, ...config },
      },
      secrets: [{ value: "planted-new-secret" }],
    });
    const egress = createEgress({ site: site(port) });
    const payload = httpRequest.payload!.parse({ url: `http://127.0.0.1:${port}/` });
    outcome = outcomeOfResult(
      await createHttpRequest({ ...fake, egress }).run(payload, fakeContext()),
    );
  });
  return outcome!;
}

const ECHOES: Record<string, (head: string) => [string, Uint8Array]> = {
  "text": (head) => ["Content-Type: text/plain\r\n", bytes(head)],
  "bytes": (head) => ["Content-Type: image/png\r\n", bytes(head)],
  "gzip": (head) => ["Content-Encoding: gzip\r\n", gzipSync(head)],
  "a header": (head) => [`ETag: ${head.match(/planted\S+/)![0]}\r\n`, bytes("hi")],
  "the end of a long header": (head) => [
    `ETag: ${"e".repeat(2_035)}${head.match(/planted\S+/)![0]}\r\n`,
    bytes("hi"),
  ],
};
for (const [what, echo] of Object.entries(ECHOES)) {
  Deno.test(`a secret that comes back is not kept: in ${what}`, async () => {
    const outcome = await echoed(echo);
    assert.equal(outcome.outcome, "succeeded");
    const { body, body_encoding } = JSON.parse(outcome.result!.text);
    const kept = body_encoding === "base64" ? atob(body) : body;
    assert.doesNotMatch(kept + JSON.stringify(outcome), /plan/);
    assert.match(kept, what.includes("header") ? /hi/ : /GET \/ HTTP/);
  });
}

Deno.test("a secret that the cap cuts is not kept", async () => {
  const echo = () => ["Content-Type: text/plain\r\n", bytes("key planted-new-secret")] as const;
  for (let cap = 5; cap < 22; cap++) {
    const outcome = await echoed(() => [...echo()], { max_response_bytes: cap });
    assert.doesNotMatch(JSON.stringify(outcome), /key p/);
    assert.equal(JSON.parse(outcome.result!.text).truncated, true);
  }
});
