import assert from "node:assert/strict";
import { fakeConnectors } from "../fake_connectors.ts";
import { fakeContext } from "../fake_context.ts";
import { webhookDeliver } from "./definition.ts";
import { createWebhookDeliver } from "./handler.ts";

const MESSAGE_ID = "0196f000-0000-7000-8000-000000000007";

Deno.test("a message that arrived, or that another job sends, is not sent again", async () => {
  for (const status of [204, null]) {
    const deps = fakeConnectors({
      config: { url: "https://hooks.example.com/in" },
      message: { type: "order.paid", created_at: "2026-11-22T10:00:00+00:00", data: {} },
      ended: { status },
    });
    const payload = webhookDeliver.payload!.parse({ destination: "o", message_id: MESSAGE_ID });
    const ctx = fakeContext({ attempt: 2 });
    assert.deepEqual(await createWebhookDeliver(deps).run(payload, ctx), {
      ...{ status, attempt: 2, webhook_id: `msg_${MESSAGE_ID}` },
    });
    assert.deepEqual([deps.sent, deps.reported], [[], []]);
  }
});
