import assert from "node:assert/strict";
import { outcomeOfResult, RELEASED } from "../../core/job/outcome.ts";
import { storableJson } from "../../core/encoding/json.ts";
import { ReplyTooLargeError, type Report } from "../../worker/ports.ts";
import { openDataApi } from "./open_data_api.ts";
import { VERSION } from "../../core/version.ts";
import { MAX_REPLY_BYTES, openRunQueue, startRun } from "./run_queue.ts";

const EMPTY: Report = { outcomes: [], progress: [], limit: 3, maxBytes: 1_000 };
const REPLY = { settled: 0, stale: [], jobs: {}, abort: [], next_at: null };
const leased = (lease_token: number) => ({
  ...{ tenant_id: "t", id: `job-${lease_token}`, lease_token },
});

/** Calls the queue of a run against a server on loopback, with what it received last. */
async function onServer(
  answer: () => Response,
  use: (queue: ReturnType<typeof openRunQueue>, last: () => string) => Promise<void>,
): Promise<void> {
  let body = "";
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, async (request) => {
    assert.equal(request.headers.get("content-type"), "application/json");
    assert.equal(request.headers.get("apikey"), "k");
    body = `${new URL(request.url).pathname} ${await request.text()}`;
    return answer();
  });
  try {
    const supabaseUrl = `http://127.0.0.1:${server.addr.port}`;
    await use(openRunQueue(openDataApi({ supabaseUrl, headers: { apikey: "k" } })), () => body);
  } finally {
    await server.shutdown();
  }
}

Deno.test("a report is sent as the JSON that was measured", () =>
  onServer(() => Response.json(REPLY), async (queue, last) => {
    const succeeded = outcomeOfResult({ text: "ü", list: [1e21, 2n ** 60n], n: undefined });
    const half = storableJson(0.5, 100);
    assert.ok(half.ok);
    const { bytes } = await queue.settleAndClaim(7, {
      ...EMPTY,
      outcomes: [
        { ...leased(1), ...succeeded },
        { ...leased(2), ...RELEASED, retry_after_ms: 5, error: { code: "c", message: '"' } },
      ],
      progress: [{ id: "job-3", progress: half.json }],
      leases: [8, 9],
    });
    assert.equal(
      last(),
      '/rest/v1/rpc/jobforge_settle_and_claim {"p_run_id":7,"p_outcomes":[' +
        '{"lease_token":8},{"lease_token":9},' +
        '{"tenant_id":"t","id":"job-1","lease_token":1,"outcome":"succeeded",' +
        '"result":{"text":"ü","list":[1e+21,1152921504606846976]}},' +
        '{"tenant_id":"t","id":"job-2","lease_token":2,"outcome":"released",' +
        '"error":{"code":"c","message":"\\""},"retry_after_ms":5}],"p_limit":3,' +
        '"p_progress":[{"id":"job-3","progress":0.5}],"p_max_bytes":1000}',
    );
    assert.equal(bytes, JSON.stringify(REPLY).length);
    await queue.heartbeat(7, [{ id: "job-3", progress: half.json }]);
    assert.equal(
      last(),
      '/rest/v1/rpc/jobforge_heartbeat {"p_run_id":7,"p_progress":[{"id":"job-3","progress":0.5}]}',
    );
  }));

Deno.test("a report that cannot be written is a refusal, before anything is sent", () =>
  onServer(() => Response.json(REPLY), async (queue, last) => {
    const outcomes = [{ ...leased(1n as unknown as number), outcome: "succeeded" as const }];
    await assert.rejects(queue.settleAndClaim(7, { ...EMPTY, outcomes }), {
      code: "invalid_argument",
    });
    assert.equal(last(), "");
  }));

Deno.test("a reply is read up to its bound, and not further", async () => {
  let sent = 0;
  const part = new Uint8Array(1024 * 1024).fill(0x20);
  const body = () =>
    new ReadableStream<Uint8Array>({
      pull(controller) {
        sent += part.length;
        if (sent > 10 * MAX_REPLY_BYTES) return controller.close();
        controller.enqueue(part.slice());
      },
    });
  await onServer(() => new Response(body()), async (queue) => {
    await assert.rejects(queue.settleAndClaim(7, EMPTY), ReplyTooLargeError);
  });
  assert.ok(sent < 4 * MAX_REPLY_BYTES, `${sent} bytes`);
  const padded = `${JSON.stringify(REPLY)}${" ".repeat(MAX_REPLY_BYTES)}`.slice(0, MAX_REPLY_BYTES);
  await onServer(() => new Response(padded), async (queue) => {
    assert.equal((await queue.settleAndClaim(7, EMPTY)).bytes, MAX_REPLY_BYTES);
  });
});

const FAILURES: [what: string, answer: () => Response, code: string][] = [
  ["a page of a proxy", () => new Response("<h1>bad gateway</h1>", { status: 502 }), "unavailable"],
  ["a success that is not JSON", () => new Response("<h1>hello</h1>"), "unavailable"],
  ["a firewall that rejects the body", () => new Response("no", { status: 403 }), "forbidden"],
  [
    "an error of ours",
    () => Response.json({ code: "PT410", details: "run_ended", message: "x" }, { status: 410 }),
    "run_ended",
  ],
  ["an error that is no object", () => Response.json(null, { status: 500 }), "internal"],
];

for (const [what, answer, code] of FAILURES) {
  Deno.test(`${what} rejects a report with ${code}`, () =>
    onServer(answer, async (queue) => {
      await assert.rejects(queue.settleAndClaim(7, EMPTY), (error: Error & { code: string }) => {
        assert.equal(error.code, code);
        assert.doesNotMatch(error.message, /<h1>/);
        return true;
      });
    }));
}

Deno.test("a schema that does not know what the worker sends is named with both versions", async () => {
  const start = async (schema: Response) => {
    const unknown = () => Response.json({ code: "PGRST202" }, { status: 404 });
    const server = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen() {} },
      ({ url }) => url.endsWith("/jobforge_schema_version") ? schema : unknown(),
    );
    try {
      const supabaseUrl = `http://127.0.0.1:${server.addr.port}`;
      await startRun(openDataApi({ supabaseUrl, headers: {} }), {
        ...{ runId: null, ticket: null, worker: "test", capacity: 1, types: [], kind: "edge" },
      });
    } finally {
      await server.shutdown();
    }
  };
  await assert.rejects(start(Response.json("0.1.0")), {
    code: "version_mismatch",
    message: `worker ${VERSION} is newer than schema 0.1.0: push the migration of jobforge upgrade`,
  });
  for (const schema of [Response.json(VERSION), Response.json({}, { status: 503 })]) {
    await assert.rejects(start(schema), { code: "unavailable", message: /does not know this/ });
  }
});
