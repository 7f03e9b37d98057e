import { type ErrorCode, JobForgeError } from "../core/errors.ts";
import { errored, failed, type Outcome } from "../core/job/outcome.ts";
import {
  ReplyTooLargeError,
  type Report,
  type ReportedOutcome,
  type RunQueue,
  type SettleReply,
} from "./ports.ts";

/**
 * The codes of an error that is about no single outcome. A trigger of the application may raise any
 * other one for a job, for example `queue_full` when it enqueues the next.
 */
const ABOUT_NO_OUTCOME = new Set<ErrorCode>(["unavailable", "unauthenticated", "run_ended"]);
/** The codes that are clearly about the content of an outcome. */
const REFUSALS = new Set<ErrorCode>(["invalid_argument", "payload_too_large"]);
/** Failures alone after which an outcome whose error is unclear is replaced, and then dropped. */
const REPLACE_AFTER = 3;
const DROP_AFTER = 6;
/** Failures in a row after which the search ends: the error is about no single outcome. */
const MAX_IN_ROW = 16;

/**
 * Sends the reports of a run. When a report fails because of one outcome, it is halved until that
 * one is found. Its job then ends with an error of its own, and no other outcome waits for it.
 */
export class Reporter {
  readonly #queue: Pick<RunQueue, "settleAndClaim">;
  readonly #runId: number;
  /** How often an outcome failed alone, by the id of its job. */
  readonly #failures = new Map<string, number>();
  #inRow = 0;

  constructor(queue: Pick<RunQueue, "settleAndClaim">, runId: number) {
    this.#queue = queue;
    this.#runId = runId;
  }

  /** Reports and claims in one call. Throws as RunQueue does. */
  async send(report: Report): Promise<SettleReply> {
    try {
      return await this.#queue.settleAndClaim(this.#runId, report);
    } catch (thrown) {
      const code = codeAboutContent(thrown);
      const isEmpty = report.outcomes.length === 0 && report.progress.length === 0;
      if (code === undefined || isEmpty) throw thrown;
      const reply = emptyReply();
      this.#inRow = 0;
      // Progress that is rejected is dropped, and blames no outcome.
      if (report.progress.length > 0) await this.#sendHalf(report.outcomes, reply);
      else await this.#sendParts(report.outcomes, code, reply);
      return reply;
    }
  }

  /** Reports what was rejected with `code`: halves of it, or a single outcome in another form. */
  async #sendParts(parts: ReportedOutcome[], code: ErrorCode, reply: SettleReply): Promise<void> {
    const [only] = parts;
    if (parts.length === 1 && only) return await this.#sendReplacement(only, code, reply);
    const middle = Math.ceil(parts.length / 2);
    for (const half of [parts.slice(0, middle), parts.slice(middle)]) {
      await this.#sendHalf(half, reply);
    }
  }

  async #sendHalf(half: ReportedOutcome[], reply: SettleReply): Promise<void> {
    if (half.length === 0) return;
    if (this.#inRow >= MAX_IN_ROW) return void reply.unsent!.push(...half.map(({ id }) => id));
    const code = await this.#try(half, reply);
    if (code !== undefined) await this.#sendParts(half, code, reply);
  }

  /** Reports the end of the job without what may have been the cause. */
  async #sendReplacement(
    outcome: ReportedOutcome,
    code: ErrorCode,
    reply: SettleReply,
  ): Promise<void> {
    const { tenant_id, id, lease_token } = outcome;
    const isRefused = REFUSALS.has(code);
    const failures = (this.#failures.get(id) ?? 0) + 1;
    this.#failures.set(id, failures);
    // An unclear error may pass by itself: the outcome is repeated as it is a few times.
    if (!isRefused && failures < REPLACE_AFTER) {
      reply.unsent!.push(id);
      return;
    }
    const again = await this.#try([{ tenant_id, id, lease_token, ...replacement(code) }], reply);
    if (again === undefined) return;
    // Even the bare outcome is rejected. The job stays leased until the run ends.
    const isLost = REFUSALS.has(again) || failures >= DROP_AFTER;
    (isLost ? reply.stale : reply.unsent!).push(id);
  }

  /** Adds the reply for some outcomes, or returns the code of an error that may be about one. */
  async #try(outcomes: ReportedOutcome[], reply: SettleReply): Promise<ErrorCode | undefined> {
    try {
      const report = { outcomes, progress: [], limit: 0, maxBytes: 0 };
      const { settled, stale, abort, later = [] } = await this.#queue.settleAndClaim(
        this.#runId,
        report,
      );
      reply.settled += settled;
      reply.stale.push(...stale);
      reply.abort.push(...abort);
      reply.later!.push(...later);
      this.#inRow = 0;
      return undefined;
    } catch (thrown) {
      const code = codeAboutContent(thrown);
      this.#inRow = code === undefined ? MAX_IN_ROW : this.#inRow + 1;
      if (code !== undefined) return code;
      if (thrown instanceof JobForgeError && thrown.code === "run_ended") throw thrown;
      // The connection failed meanwhile. What was sent before is settled, the rest is repeated.
      reply.unsent!.push(...outcomes.map(({ id }) => id));
      return undefined;
    }
  }
}

function emptyReply(): SettleReply {
  return { settled: 0, stale: [], jobs: [], abort: [], next_at: null, later: [], unsent: [] };
}

/** Returns the code of an error that may be about the content of a report, or undefined. */
export function codeAboutContent(thrown: unknown): ErrorCode | undefined {
  if (thrown instanceof ReplyTooLargeError) return undefined;
  // An error of another kind was thrown on this side, while the report was written.
  if (!(thrown instanceof JobForgeError)) return "internal";
  return ABOUT_NO_OUTCOME.has(thrown.code) ? undefined : thrown.code;
}

function replacement(code: ErrorCode): Outcome {
  const message = "the database rejected this outcome";
  if (code === "payload_too_large") return failed("result_too_large", message);
  if (code === "invalid_argument") return failed("invalid_result", message);
  return errored("report_failed", `the outcome could not be recorded: ${code}`);
}
