import assert from "node:assert/strict";
import { parseJson, writeJson } from "../../core/encoding/exact_json.ts";
import { callRpc, dataOf, replyOf } from "./data_api.ts";
import { openDataApi } from "./open_data_api.ts";

const OPTIONS = { timeoutMs: 5_000 };

/** Serves `handler` on loopback for one test. */
async function withApi(
  handler: (request: Request) => Response | Promise<Response>,
  test: (supabaseUrl: string) => Promise<void>,
): Promise<void> {
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, handler);
  try {
    await test(`http://127.0.0.1:${server.addr.port}`);
  } finally {
    await server.shutdown();
  }
}

Deno.test("a call posts its arguments with the headers given, and returns the data", async () => {
  let seen: unknown;
  await withApi(async (request) => {
    const { pathname } = new URL(request.url);
    seen = [request.method, pathname, request.headers.get("apikey"), await request.json()];
    return Response.json({ jobs: [] });
  }, async (supabaseUrl) => {
    const api = openDataApi({ supabaseUrl: `${supabaseUrl}/`, headers: { apikey: "k" } });
    const data = await callRpc(api, "jobforge_heartbeat", { p_run_id: 1 }, OPTIONS);
    assert.deepEqual(data, { jobs: [] });
  });
  assert.deepEqual(seen, ["POST", "/rest/v1/rpc/jobforge_heartbeat", "k", { p_run_id: 1 }]);
});

Deno.test("numbers are sent and read as they are", async () => {
  const text = '{"id":1970670598291982290,"sum":0.12345678901234567890}';
  const seen: string[] = [];
  await withApi(async (request) => {
    seen.push(`${request.method} ${new URL(request.url).search} ${await request.text()}`);
    return new Response(text);
  }, async (supabaseUrl) => {
    const api = openDataApi({ supabaseUrl, headers: {} });
    const data = await callRpc(api, "f", { p_payload: parseJson(text) }, OPTIONS);
    assert.equal(writeJson(data), text);
    const read = await dataOf(api.from("t").select("a").gt("b", "c").limit(2), OPTIONS);
    assert.equal(writeJson(read), text);
  });
  assert.deepEqual(seen, [`POST  {"p_payload":${text}}`, "GET ?select=a&b=gt.c&limit=2 "]);
});

Deno.test("onReply comes when the body is there", async () => {
  let replies = 0;
  await withApi(() => Response.json([]), async (supabaseUrl) => {
    const api = openDataApi({ supabaseUrl, headers: {}, onReply: () => void replies++ });
    await callRpc(api, "f", {}, OPTIONS);
    assert.equal(replies, 1);
    await replyOf(api.postRpc("f", "{}", 100), OPTIONS);
  });
  assert.equal(replies, 2);
});

Deno.test("an error of ours keeps its code, message and Retry-After", async () => {
  const body = { code: "PT429", details: "queue_full", message: "full", hint: null };
  const reply = () => Response.json(body, { status: 429, headers: { "retry-after": "7" } });
  await withApi(reply, async (supabaseUrl) => {
    const api = openDataApi({ supabaseUrl, headers: {} });
    await assert.rejects(callRpc(api, "f", {}, OPTIONS), {
      code: "queue_full",
      message: "full",
      extras: { retryAfterSeconds: 7 },
    });
  });
});

Deno.test("a failure without Retry-After has none, also after one with it", async () => {
  const headers = [{ "retry-after": "120" }, undefined];
  const reply = () => new Response("", { status: 503, headers: headers.shift() ?? {} });
  await withApi(reply, async (supabaseUrl) => {
    const api = openDataApi({ supabaseUrl, headers: {} });
    const busy = { code: "unavailable" };
    await assert.rejects(callRpc(api, "f", {}, OPTIONS), {
      ...busy,
      extras: { retryAfterSeconds: 120 },
    });
    await assert.rejects(callRpc(api, "f", {}, OPTIONS), { ...busy, extras: {} });
  });
});

Deno.test("a redirect is an outage, and takes no key elsewhere", async () => {
  let taken = 0;
  await withApi(() => Response.json(++taken), async (elsewhere) => {
    await withApi(() => Response.redirect(elsewhere, 307), async (supabaseUrl) => {
      const api = openDataApi({ supabaseUrl, headers: { apikey: "sb_secret_1" } });
      await assert.rejects(callRpc(api, "f", {}, OPTIONS), { code: "unavailable" });
      await assert.rejects(dataOf(api.from("t").select("a"), OPTIONS), { code: "unavailable" });
    });
  });
  assert.equal(taken, 0);
});

Deno.test("a page of a proxy is an outage, and its text stays inside", async () => {
  await withApi(() => new Response("<h1>bad gateway</h1>", { status: 502 }), async (url) => {
    const api = openDataApi({ supabaseUrl: url, headers: {} });
    await assert.rejects(callRpc(api, "f", {}, OPTIONS), (error: Error & { code: string }) => {
      assert.equal(error.code, "unavailable");
      assert.doesNotMatch(error.message, /gateway/);
      return true;
    });
  });
});

Deno.test("a closed port is an outage", async () => {
  const api = openDataApi({ supabaseUrl: "http://127.0.0.1:1", headers: {} });
  await assert.rejects(callRpc(api, "f", {}, OPTIONS), { code: "unavailable" });
});

Deno.test("a reply that stalls counts as failed after the timeout", async () => {
  const stalled = () => {
    let timer: ReturnType<typeof setTimeout>;
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        controller.enqueue(new TextEncoder().encode('{"half":'));
        timer = setTimeout(() => controller.close(), 2_000);
      },
      cancel: () => clearTimeout(timer),
    });
    return new Response(body, { headers: { "content-type": "application/json" } });
  };
  await withApi(stalled, async (supabaseUrl) => {
    const api = openDataApi({ supabaseUrl, headers: {} });
    await assert.rejects(callRpc(api, "f", {}, { timeoutMs: 100 }), { code: "unavailable" });
  });
});

Deno.test("a caller's own signal rejects with its own reason", async () => {
  await withApi(() => Response.json([]), async (supabaseUrl) => {
    const api = openDataApi({ supabaseUrl, headers: {} });
    const signal = AbortSignal.abort(new Error("enough"));
    const query = api.from("t").select("id").eq("a", 1);
    await assert.rejects(dataOf(query, { ...OPTIONS, signal }), { message: "enough" });
  });
});
