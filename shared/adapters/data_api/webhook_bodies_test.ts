import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import type { ClaimedJob } from "../../worker/ports.ts";
import { openDataApi } from "./open_data_api.ts";
import { openBodyReader } from "./webhook_bodies.ts";

const JOB = { id: "job", lease_token: 7 } as ClaimedJob;
const never = new AbortController().signal;

/** Reads a body from a Data API on loopback that answers with parts or an error. */
async function read(
  size: number,
  answer: (args: Record<string, unknown>) => Response,
): Promise<{ body: Uint8Array; calls: unknown[] }> {
  const calls: unknown[] = [];
  const handler = async (request: Request) => {
    const args = await request.json();
    calls.push(args);
    return answer(args);
  };
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, handler);
  const supabaseUrl = `http://127.0.0.1:${server.addr.port}`;
  const reading = openBodyReader(openDataApi({ supabaseUrl, headers: {} }));
  try {
    return { body: await reading(3, JOB, size, never), calls };
  } finally {
    await server.shutdown();
  }
}

const base64 = (bytes: Uint8Array) => Response.json(Buffer.from(bytes).toString("base64"));

Deno.test("a body is read a part after the other, under the lease of its job", async () => {
  const whole = Uint8Array.from({ length: 10 }, (_, at) => at * 25);
  const { body, calls } = await read(10, ({ p_from }) => {
    const from = Number(p_from);
    return base64(whole.subarray(from, from + 4));
  });
  assert.deepEqual(body, whole);
  assert.deepEqual(
    calls,
    [0, 4, 8].map((p_from) => ({ p_run_id: 3, p_lease_token: 7, p_job_id: "job", p_from })),
  );
});

Deno.test("an empty body needs no call", async () => {
  const { body, calls } = await read(0, () => assert.fail("nothing is asked"));
  assert.deepEqual([body.length, calls], [0, []]);
});

for (const [what, length] of [["short", 0], ["long", 11]] as const) {
  Deno.test(`a body that is too ${what} is an error`, async () => {
    await assert.rejects(read(10, () => base64(new Uint8Array(length))), { code: "internal" });
  });
}

Deno.test("a job without a body fails for good, another error is passed on", async () => {
  const failing = (code: string, status: number) =>
    read(10, () => Response.json({ code: `PT${status}`, details: code, message: "m" }, { status }));
  await assert.rejects(failing("not_found", 404), {
    ...{ name: "PermanentError", code: "no_stored_body" },
  });
  await assert.rejects(failing("run_ended", 410), { code: "run_ended" });
});
