import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { openDataApi } from "./open_data_api.ts";
import { openWebhookEndpoints, type WebhookEndpoints } from "./webhook_endpoints.ts";

/** Opens the endpoints of a Data API on loopback that gives one answer. */
async function withEndpoints(
  answer: (request: Request) => Response | Promise<Response>,
  test: (endpoints: WebhookEndpoints) => Promise<void>,
): Promise<void> {
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, answer);
  const supabaseUrl = `http://127.0.0.1:${server.addr.port}`;
  try {
    await test(openWebhookEndpoints(openDataApi({ supabaseUrl, headers: {} })));
  } finally {
    await server.shutdown();
  }
}

const ERRORS: [string, string, number, string][] = [
  [
    "payload_too_large",
    "job 0: payload must be at most 262144 bytes of text",
    413,
    "the event must be at most 262144 bytes of text",
  ],
  ["not_found", "job 0: no such queue", 404, "no such queue"],
  ["queue_full", "the queue is full", 429, "the queue is full"],
];

for (const [code, message, status, expected] of ERRORS) {
  Deno.test(`${code} of an event is not about a job of a batch`, async () => {
    const body = { code: `PT${status}`, details: code, message, hint: null };
    const answer = () => Response.json(body, { status, headers: { "retry-after": "7" } });
    await withEndpoints(answer, async (endpoints) => {
      await assert.rejects(endpoints.receive("id", "key", {}, ""), { code, message: expected });
    });
  });
}

Deno.test("an endpoint brings the signature that its operator describes", async () => {
  const signature = { header: "x-sign" };
  const row = {
    ...{ known: true, tenant_id: "t", name: "n", scheme: "custom", secrets: [] },
    config: { signature, url: "https://hooks.example.com/" },
  };
  await withEndpoints(() => Response.json(row), async (endpoints) => {
    assert.deepEqual(await endpoints.find("id"), {
      ...{ tenantId: "t", name: "n", scheme: "custom", signature, secrets: [] },
      ...{ toleranceSeconds: 300, url: "https://hooks.example.com/", keepBody: false },
    });
  });
});

Deno.test("an endpoint keeps bodies when its operator says so", async () => {
  const row = {
    ...{ known: true, tenant_id: "t", name: "n", scheme: "github", secrets: [] },
    config: { keep_body: true },
  };
  await withEndpoints(() => Response.json(row), async (endpoints) => {
    assert.equal((await endpoints.find("id"))?.keepBody, true);
  });
});

Deno.test("a body travels in base64, byte for byte, beside any payload", async () => {
  const seen: Record<string, unknown>[] = [];
  const answer = async (request: Request) => {
    seen.push(await request.json());
    return Response.json({ job_id: "j", duplicate: false });
  };
  await withEndpoints(answer, async (endpoints) => {
    for (const length of [0, 1, 2, 3, 700_001]) {
      const body = Uint8Array.from({ length }, (_, at) => (at * 31) % 256);
      const received = await endpoints.receive("id", "key", { text: 'é"}' }, "trace", body);
      assert.deepEqual(received, { job_id: "j", duplicate: false });
      const { p_body, ...args } = seen.pop()!;
      assert.deepEqual(args, {
        ...{ p_id: "id", p_replay_key: "key", p_payload: { text: 'é"}' }, p_traceparent: "trace" },
      });
      assert.equal(p_body, Buffer.from(body).toString("base64"));
    }
    await endpoints.receive("id", "key", {}, "trace");
    assert.equal("p_body" in seen.pop()!, false);
  });
});
