import assert from "node:assert/strict";
import { JobForgeError } from "../core/errors.ts";
import { jobs } from "./fake_world.ts";
import type { RunQueue } from "./ports.ts";
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

Deno.test("an error that a trigger of the application raises is about one outcome", async () => {
  for (const code of ["queue_full", "busy", "idempotency_mismatch", "tenant_erased"] as const) {
    const outcomes = jobs(9, "noop").map(({ tenant_id, id, lease_token }) => ({
      ...{ tenant_id, id, lease_token, outcome: "succeeded" as const },
    }));
    const poison = outcomes[4]!.id;
    const settled: string[] = [];
    const settleAndClaim: RunQueue["settleAndClaim"] = (_runId, { outcomes: sent }) => {
      if (sent.some(({ id }) => id === poison)) {
        return Promise.reject(new JobForgeError(code, "by jobforge_enqueue_job in a trigger"));
      }
      settled.push(...sent.map(({ id }) => id));
      const reply = { settled: sent.length, stale: [], jobs: [], abort: [], next_at: null };
      return Promise.resolve(reply);
    };
    const reporter = new Reporter({ settleAndClaim }, 1);
    const { unsent } = await reporter.send({ outcomes, progress: [], limit: 1, maxBytes: 1 });
    assert.deepEqual(unsent, [poison], `${code} is repeated for the outcome that caused it`);
    assert.equal(settled.length, 8, "and no other waits for it");
  }
});

Deno.test("an error of the connection or of the run is about no outcome", async () => {
  for (const code of ["unavailable", "unauthenticated", "run_ended"] as const) {
    let calls = 0;
    const settleAndClaim = () => {
      calls++;
      return Promise.reject(new JobForgeError(code, "no"));
    };
    const outcomes = jobs(2, "noop").map(({ tenant_id, id, lease_token }) => ({
      ...{ tenant_id, id, lease_token, outcome: "succeeded" as const },
    }));
    const report = { outcomes, progress: [], limit: 1, maxBytes: 1 };
    await assert.rejects(new Reporter({ settleAndClaim }, 1).send(report), { code });
    assert.equal(calls, 1);
  }
});
