import assert from "node:assert/strict";
import { fakeContext } from "../fake_context.ts";
import { systemProbe } from "./definition.ts";
import { probe } from "./handler.ts";

async function run(payload: Record<string, unknown>, context = fakeContext()) {
  return await probe.run(systemProbe.payload!.parse(payload), context);
}

Deno.test("a probe echoes its payload and returns its attempt", async () => {
  assert.deepEqual(await run({ echo: { a: 1 } }), { attempt: 1, echo: { a: 1 } });
});

Deno.test("the attempts that should fail do fail", async () => {
  await assert.rejects(run({ fail_attempts: 1 }), { name: "Error" });
  await assert.rejects(run({ fail_attempts: 1, fail_with: "permanent" }), { code: "probe_failed" });
  const retry = run({ fail_attempts: 1, fail_with: "retry", retry_after_ms: 20 });
  await assert.rejects(retry, { code: "probe_retry", afterMs: 20 });
  const second = fakeContext({ attempt: 2 });
  assert.deepEqual(await run({ fail_attempts: 1 }, second), { attempt: 2, echo: null });
});

Deno.test("a probe that works reports its steps and stops on its signal", async () => {
  const context = fakeContext();
  await run({ work_ms: 4, steps: 2 }, context);
  assert.deepEqual(context.reported, [{ step: 1, steps: 2 }, { step: 2, steps: 2 }]);
  const stopped = fakeContext({ signal: AbortSignal.abort(new Error("stop")) });
  await assert.rejects(run({ work_ms: 10_000 }, stopped), { message: "stop" });
});
