import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { createEgress } from "../../adapters/egress/egress.ts";
import { site } from "../../adapters/egress/fake_egress.ts";
import { type Behavior, withServer } from "../../adapters/egress/fake_server.ts";
import { fakeConnectors } from "../fake_connectors.ts";
import { fakeContext } from "../fake_context.ts";
import { webhookDeliver } from "./definition.ts";
import { createWebhookDeliver } from "./handler.ts";

const SECRET = `whsec_${btoa("c4nary".repeat(5))}`;

/** Delivers an event over real HTTP to a receiver with this behavior. */
async function deliverTo(behave: Behavior): Promise<{ status: number }> {
  let result: unknown;
  await withServer(behave, async ({ port }) => {
    const config = { url: `http://127.0.0.1:${port}/`, timeout_ms: 10_000 };
    const deps = fakeConnectors({ config, secrets: [{ value: SECRET }] });
    const handler = createWebhookDeliver({ ...deps, egress: createEgress({ site: site(port) }) });
    const payload = webhookDeliver.payload!.parse({ event_type: "order.paid", data: { id: 7 } });
    result = await handler.run(payload, fakeContext());
  });
  return result as { status: number };
}

const sends = (head: string, body: string | Uint8Array = ""): Behavior => async ({ write }) => {
  await write(`${head}\r\n\r\n`);
  await write(body);
};
const stalls = (head: string): Behavior => async ({ write, pause }) => {
  await write(`${head}\r\n\r\n`);
  await pause(60_000);
};

const ACCEPTED: Record<string, Behavior> = {
  "a compressed body": sends("HTTP/1.1 200 OK\r\nContent-Encoding: gzip", gzipSync("thank you")),
  "a body that is not in its coding": sends("HTTP/1.1 201 Created\r\nContent-Encoding: br", "no"),
  "a coding of no body": sends("HTTP/1.1 204 No Content\r\nContent-Encoding: zstd"),
  "a body that is cut": sends("HTTP/1.1 200 OK\r\nContent-Length: 3000", "ok"),
  "a body that never comes": stalls("HTTP/1.1 200 OK\r\nContent-Length: 3000"),
  "a body without an end": stalls("HTTP/1.1 202 Accepted"),
  "two lengths": sends("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3", "hi"),
  "an unknown transfer coding": sends("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip", "hi"),
  "chunks that are none": sends("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked", "zz\r\nhi"),
  "lines without CR": async ({ write }) => await write("HTTP/1.0 200 OK\nContent-Length: 2\n\nok"),
};
for (const [what, behave] of Object.entries(ACCEPTED)) {
  Deno.test(`a 2xx with ${what} is a success`, async () => {
    const { status } = await deliverTo(behave);
    assert.ok(status >= 200 && status < 300);
  });
}

Deno.test("a status that is no success is none, with any body", async () => {
  const failing = deliverTo(sends("HTTP/1.1 500 Oops\r\nContent-Encoding: gzip", "x"));
  await assert.rejects(failing, { name: "RetryError", code: "http_500" });
});

Deno.test("the signal of the attempt stops opening and sending", async () => {
  const config = { url: "https://hooks.example.com/in" };
  const deps = fakeConnectors({ config, secrets: [{ value: SECRET }] });
  const ctx = fakeContext();
  const payload = webhookDeliver.payload!.parse({ event_type: "order.paid", data: {} });
  await createWebhookDeliver(deps).run(payload, ctx);
  assert.equal(deps.signals.length, 2);
  assert.ok(deps.signals.every((signal) => signal === ctx.signal));
});

Deno.test("a host that cannot be closed in the database is called again all the same", async () => {
  const config = { url: "https://hooks.example.com/in" };
  const answer = { status: 503, retryAfterMs: 9_000 };
  const deps = fakeConnectors({ config, secrets: [{ value: SECRET }] }, answer);
  deps.connectors.closeHost = () => Promise.reject(new Error("away"));
  const payload = webhookDeliver.payload!.parse({ event_type: "order.paid", data: {} });
  const done = async () => await createWebhookDeliver(deps).run(payload, fakeContext());
  await assert.rejects(done, { name: "RetryError", code: "http_503" });
});
