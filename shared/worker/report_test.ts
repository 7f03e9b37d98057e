import assert from "node:assert/strict";
import type { Report, ReportedOutcome, RunQueue, SettleReply } from "./ports.ts";
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

Deno.test("what the replies to the halves of a report say is put together", async () => {
  const [stale, abort, later, bad] = jobs(4, "a").map(({ id }) => id);
  const outcomes = [stale, abort, later, bad].map((id) => outcomeOf(id!));
  const settleAndClaim = (_runId: number, report: Report): Promise<SettleReply> => {
    const ids = report.outcomes.map(({ id }) => id);
    const isWhole = report.outcomes.some(({ id, outcome }) => id === bad && outcome !== "failed");
    if (isWhole) return Promise.reject(new JobForgeError("invalid_argument", "no"));
    const of = (id: string) => ids.filter((each) => each === id);
    const reply = { settled: ids.length, jobs: [], next_at: null };
    return Promise.resolve({ ...reply, stale: of(stale!), abort: of(abort!), later: of(later!) });
  };
  const report = { outcomes, progress: [], limit: 0, maxBytes: 0 };
  const reply = await new Reporter({ settleAndClaim }, 1).send(report);
  assert.deepEqual([reply.settled, reply.stale, reply.abort, reply.later, reply.unsent], [
    ...[4, [stale], [abort], [later], []],
  ]);
});

for (const [code, unsent] of [["unavailable", 2], ["run_ended", undefined]] as const) {
  Deno.test(`a half that ends in ${code} ${unsent ? "is repeated later" : "ends the run"}`, async () => {
    const outcomes = jobs(2, "a").map(({ id }) => outcomeOf(id));
    const settleAndClaim = (_runId: number, report: Report): Promise<SettleReply> =>
      Promise.reject(new JobForgeError(report.outcomes.length === 2 ? "internal" : code, "no"));
    const report = { outcomes, progress: [], limit: 0, maxBytes: 0 };
    const sent = new Reporter({ settleAndClaim }, 1).send(report);
    if (unsent) assert.equal((await sent).unsent?.length, unsent);
    else await assert.rejects(sent, { code });
  });
}

function outcomeOf(id: string): ReportedOutcome {
  return { tenant_id: "t", id, lease_token: 1, outcome: "succeeded" };
}
