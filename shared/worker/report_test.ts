import assert from "node:assert/strict";
import { JobForgeError } from "../core/errors.ts";
import { jobs } from "./fake_world.ts";
import { Reporter } from "./report.ts";

Deno.test("an error of every outcome is searched for in a few calls, and nothing is lost", async () => {
  let calls = 0;
  const settleAndClaim = () => {
    calls++;
    return Promise.reject(new JobForgeError("forbidden", "the key was revoked"));
  };
  const outcomes = jobs(1_000, "noop").map(({ tenant_id, id, lease_token }) => ({
    ...{ tenant_id, id, lease_token, outcome: "succeeded" as const },
  }));
  const reporter = new Reporter({ settleAndClaim }, 1);
  const { unsent, stale } = await reporter.send({ outcomes, progress: [], limit: 1, maxBytes: 1 });
  assert.ok(calls <= 20, `${calls} calls`);
  assert.deepEqual([unsent?.length, stale.length], [1_000, 0]);
});
