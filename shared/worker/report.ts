import { JobForgeError } from "../core/errors.ts";
import { failed } from "../core/job/outcome.ts";
import type { ReportedOutcome, ReportedProgress, RunQueue, SettleReply } from "./ports.ts";

const REFUSALS = new Set(["invalid_argument", "payload_too_large"]);

/**
 * Reports outcomes and claims up to `limit` jobs in one call. When the database rejects the report
 * because of one outcome, the report is halved until that one is found. That outcome is then
 * reported as failed, so that it does not block the others. Throws as RunQueue does.
 */
export async function reportAndClaim(
  queue: RunQueue,
  runId: number,
  outcomes: ReportedOutcome[],
  limit: number,
  progress: ReportedProgress[],
): Promise<SettleReply> {
  try {
    return await queue.settleAndClaim(runId, outcomes, limit, progress);
  } catch (thrown) {
    if (!isRefusal(thrown)) throw thrown;
    if (outcomes.length === 0 && progress.length === 0) throw thrown;
    const settled = await reportHalves(queue, runId, outcomes, thrown.code);
    return { ...settled, jobs: [], next_at: null };
  }
}

async function reportHalves(
  queue: RunQueue,
  runId: number,
  outcomes: ReportedOutcome[],
  code: string,
): Promise<SettleReply> {
  if (outcomes.length === 0) return { settled: 0, stale: [], jobs: [], abort: [], next_at: null };
  const [only] = outcomes;
  if (outcomes.length === 1 && only) return await reportRefused(queue, runId, only, code);
  const middle = Math.ceil(outcomes.length / 2);
  const first = await reportAndClaim(queue, runId, outcomes.slice(0, middle), 0, []);
  const second = await reportAndClaim(queue, runId, outcomes.slice(middle), 0, []);
  return {
    settled: first.settled + second.settled,
    stale: [...first.stale, ...second.stale],
    abort: [...first.abort, ...second.abort],
    jobs: [],
    next_at: null,
  };
}

async function reportRefused(
  queue: RunQueue,
  runId: number,
  outcome: ReportedOutcome,
  code: string,
): Promise<SettleReply> {
  const { tenant_id, id, lease_token } = outcome;
  const reason = code === "payload_too_large" ? "result_too_large" : "invalid_result";
  const end = failed(reason, "the database rejected this outcome");
  const plain = { tenant_id, id, lease_token, ...end };
  try {
    return await queue.settleAndClaim(runId, [plain], 0, []);
  } catch (thrown) {
    if (!isRefusal(thrown)) throw thrown;
    // The database rejects even the bare outcome. The lease of this one job expires and the job is
    // reclaimed.
    return { settled: 0, stale: [id], jobs: [], abort: [], next_at: null };
  }
}

function isRefusal(thrown: unknown): thrown is JobForgeError {
  return thrown instanceof JobForgeError && REFUSALS.has(thrown.code);
}
