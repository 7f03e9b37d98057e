import assert from "node:assert/strict";
import type { Call, DataApi, Reply } from "../../adapters/data_api/data_api.ts";
import { fakeContext } from "../fake_context.ts";
import { systemCleanup } from "./definition.ts";
import { createCleanup } from "./handler.ts";

const PAYLOAD = { retention_days: 7, statuses: ["succeeded"] };

/** A fake database with this many batches to delete. */
function fakeApi(batches: number): { api: DataApi; calls: Record<string, unknown>[] } {
  const calls: Record<string, unknown>[] = [];
  const api = {
    rpc(_name: string, args: Record<string, unknown>) {
      calls.push(args);
      const next = calls.length < batches ? `after ${calls.length}` : null;
      const reply: Reply = { data: { deleted: 10, next }, error: null, status: 200 };
      return { abortSignal: () => Promise.resolve(reply) } as unknown as Call;
    },
  } as unknown as DataApi;
  return { api, calls };
}

Deno.test("a cleanup deletes batch after batch of its own tenant and reports progress", async () => {
  const { api, calls } = fakeApi(3);
  const context = fakeContext();
  assert.deepEqual(await createCleanup(api).run(PAYLOAD, context), { deleted: 30 });
  assert.deepEqual(calls.map((call) => call.p_after), [null, "after 1", "after 2"]);
  assert.deepEqual(new Set(calls.map((call) => call.p_tenant_id)), new Set([context.tenantId]));
  assert.deepEqual(context.reported, [{ deleted: 10 }, { deleted: 20 }, { deleted: 30 }]);
});

Deno.test("an aborted cleanup stops between batches", async () => {
  const { api, calls } = fakeApi(3);
  const context = fakeContext({ signal: AbortSignal.abort(new Error("stop")) });
  await assert.rejects(async () => await createCleanup(api).run(PAYLOAD, context), {
    message: "stop",
  });
  assert.equal(calls.length, 0);
});

for (
  const payload of [
    {},
    { ...PAYLOAD, retention_days: 0 },
    { ...PAYLOAD, retention_days: 1.5 },
    { ...PAYLOAD, statuses: [] },
    { ...PAYLOAD, statuses: ["running"] },
    { ...PAYLOAD, tenant_id: "11111111-1111-4111-8111-111111111111" },
  ]
) {
  Deno.test(`a cleanup refuses ${JSON.stringify(payload)}`, () => {
    assert.equal(systemCleanup.payload!.safeParse(payload).success, false);
  });
}
