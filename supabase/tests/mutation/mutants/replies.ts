import type { Mutant } from "../mutant.ts";

const calls = "shared/worker/calls.ts";
const drain = "shared/worker/drain.ts";
const drained = ["shared/worker/drain_reply_test.ts"];
const called = ["shared/worker/calls_test.ts"];

/** Faults in what a run makes of the replies to its calls. */
export const replies: Mutant[] = [
  {
    name: "a worker takes the error of a bundled handler for any error",
    file: "shared/core/job/handler.ts",
    find: 'Symbol.for("jobforge.handler_error")',
    replace: 'Symbol("jobforge.handler_error")',
    tests: ["shared/core/job/outcome_test.ts"],
  },
  {
    name: "a call that claimed nothing counts as a lost claim",
    file: calls,
    find: "this.claimLost ||= limit > 0;",
    replace: "this.claimLost = true;",
    tests: called,
  },
  {
    name: "a report never grows again after one that failed",
    file: calls,
    find: "this.#reportSize = Math.min(MAX_REPORT_OUTCOMES, this.#reportSize * 2);",
    replace: "",
    tests: called,
  },
  {
    name: "after a failed claim a report carries one outcome for good",
    file: calls,
    find: "Math.max(1, Math.ceil(entries.length / 2))",
    replace: "Math.ceil(entries.length / 2)",
    tests: called,
  },
  {
    name: "jobs that wait for a slot are unknown when a claim was lost",
    file: "shared/worker/slots.ts",
    find: "return [...this.#running.keys(), ...this.#waiting.list().map((job) => job.id)];",
    replace: "return [...this.#running.keys()];",
    tests: ["shared/worker/slots_test.ts"],
  },
  {
    name: "the delay of what could not be recorded never gets shorter",
    file: "shared/worker/outbox.ts",
    find: "if (this.#kept.length === 0) this.#keptTimes = 0;",
    replace: "",
    tests: ["shared/worker/outbox_test.ts"],
  },
  {
    name: "outcomes that came too late are not counted",
    file: drain,
    find: "this.#report.stale += reply.stale.length;",
    replace: "",
    tests: drained,
  },
  {
    name: "a report does not say which jobs to stop",
    file: drain,
    find: "    this.#slots.cancel(reply.abort);\n  }",
    replace: "  }",
    tests: drained,
  },
  {
    name: "jobs that a stopped run receives start",
    file: drain,
    find: "if (!reply || this.#stopping) return;",
    replace: "if (!reply) return;",
    tests: drained,
  },
  {
    name: "a canceled job succeeds in its grace",
    file: "shared/worker/attempt.ts",
    find: 'this.interruption.kind === "released" && finishedAnyway',
    replace: "finishedAnyway",
    tests: drained,
  },
  {
    name: "a job that fails for good in its grace is released",
    file: "shared/worker/attempt.ts",
    find: 'own.outcome === "succeeded" || own.outcome === "failed"',
    replace: 'own.outcome === "succeeded"',
    tests: drained,
  },
  {
    name: "the timeout of one attempt makes those of others forgotten",
    file: "shared/worker/slots.ts",
    find:
      "    for (const attempt of this.#running.values()) this.#deadlines.by(attempt.dueAt);\n  }",
    replace: "  }",
    tests: ["shared/worker/slots_test.ts"],
  },
  {
    name: "the last order to stop an attempt counts",
    file: "shared/worker/attempt.ts",
    find: "    if (this.interruption) return;\n",
    replace: "",
    tests: ["shared/worker/slots_test.ts"],
  },
  {
    name: "a canceled job resets since when the others wait",
    file: "shared/worker/waiting.ts",
    find: "const since = this.since ?? 0;",
    replace: "const since = Infinity;",
    tests: ["shared/worker/slots_test.ts"],
  },
  {
    name: "the end of a run is reported once",
    file: "shared/worker/calls.ts",
    find: "tries <= LAST_TRIES && !this.ended; tries++",
    replace: "tries <= 1 && !this.ended; tries++",
    tests: ["shared/worker/calls_test.ts"],
  },
  {
    name: "progress has 4,097 bytes",
    file: "shared/worker/run_services.ts",
    find: "4 * 1024",
    replace: "4 * 1024 + 1",
    tests: ["shared/worker/run_services_test.ts"],
  },
  {
    name: "progress of an attempt that has ended is kept",
    file: "shared/worker/run_services.ts",
    find: "if (attempt.interruption || attempt.isOver) return;",
    replace: "if (attempt.interruption) return;",
    tests: ["shared/worker/run_services_test.ts"],
  },
  {
    name: "a job without a trace gets one for each who asks",
    file: "shared/worker/run_services.ts",
    find:
      "if (!parseTraceparent(job.traceparent)) job.traceparent = newTraceparent();\n  return job.traceparent!;",
    replace: "return parseTraceparent(job.traceparent) ? job.traceparent! : newTraceparent();",
    tests: ["shared/worker/run_services_test.ts"],
  },
  {
    name: "jobs of a closed host come back within half of any pause",
    file: "shared/jobs/connector_call.ts",
    find: "Math.min(Math.max(ms / 2, 1_000), 30_000)",
    replace: "Math.max(ms / 2, 1_000)",
    tests: ["shared/jobs/connector_call_test.ts"],
  },
  {
    name: "a host that cannot be closed fails its delivery otherwise",
    file: "shared/jobs/connector_webhook_deliver/handler.ts",
    find: "closeHost(ctx.tenantId, host, retryAfterMs).catch(() => {})",
    replace: "closeHost(ctx.tenantId, host, retryAfterMs)",
    tests: ["shared/jobs/connector_webhook_deliver/answers_test.ts"],
  },
  {
    name: "a run that is stopped gets more time than it had",
    file: calls,
    find: "this.endsAt = Math.min(this.endsAt, endsAt);",
    replace: "this.endsAt = endsAt;",
    tests: called,
  },
  {
    name: "a reply that was too large is never forgotten",
    file: calls,
    find: "this.replyTooLarge = thrown instanceof ReplyTooLargeError;",
    replace: "this.replyTooLarge ||= thrown instanceof ReplyTooLargeError;",
    tests: called,
  },
  {
    name: "what came too late in a half of a report is lost",
    file: "shared/worker/report.ts",
    find: "reply.stale.push(...stale);",
    replace: "",
    tests: ["shared/worker/report_test.ts"],
  },
  {
    name: "jobs to stop are lost with a half of a report",
    file: "shared/worker/report.ts",
    find: "reply.abort.push(...abort);",
    replace: "",
    tests: ["shared/worker/report_test.ts"],
  },
  {
    name: "what a half could not record yet is lost",
    file: "shared/worker/report.ts",
    find: "reply.later!.push(...later);",
    replace: "",
    tests: ["shared/worker/report_test.ts"],
  },
  {
    name: "a run that ended goes on with the other half",
    file: "shared/worker/report.ts",
    find: 'if (thrown instanceof JobForgeError && thrown.code === "run_ended") throw thrown;',
    replace: "",
    tests: ["shared/worker/report_test.ts"],
  },
];
