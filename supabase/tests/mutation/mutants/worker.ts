import type { Mutant } from "../mutant.ts";

const json = "shared/core/encoding/json.ts";
const outcome = "shared/core/job/outcome.ts";
const calls = "shared/worker/calls.ts";
const report = "shared/worker/report.ts";
const outbox = "shared/worker/outbox.ts";
const slots = "shared/worker/slots.ts";
const drain = "shared/worker/drain.ts";
const uncaught = "shared/adapters/runtime/uncaught.ts";

const reports = ["shared/worker/drain_report_test.ts"];
const values = ["shared/core/encoding/json_test.ts"];

/** Faults in the worker: what handlers may do, what is reported, what is held. */
export const worker: Mutant[] = [
  {
    name: "a result may be nested to any depth",
    file: json,
    find: 'if (this.#holders.length >= MAX_JSON_DEPTH) this.#refuse("too_deep");',
    replace: "",
    tests: values,
  },
  {
    name: "a result is written out before it is measured",
    file: json,
    find: 'if (this.#length > this.#maxBytes) this.#refuse("too_large");',
    replace: "",
    tests: values,
  },
  {
    name: "bytes in a result are spread out before they are measured",
    file: json,
    find: 'if (hasLargeMembers(written, this.#maxBytes)) this.#refuse("too_large");',
    replace: "",
    tests: values,
  },
  {
    name: "a thrown value that cannot be read rejects its attempt",
    file: outcome,
    find: 'return errored("handler_error", UNREADABLE);',
    replace: "throw thrown;",
    tests: ["shared/core/job/outcome_test.ts"],
  },
  {
    name: "a delay is any number",
    file: "shared/core/job/handler.ts",
    find: "afterMs >= 0 && afterMs <= MAX_AFTER_MS",
    replace: "!Number.isNaN(afterMs)",
    tests: ["shared/core/job/outcome_test.ts"],
  },
  {
    name: "a log line dies of a value that throws",
    file: "shared/core/log/log_record.ts",
    find: "    return readValue(name, value);\n  } catch {",
    replace:
      "    return readValue(name, value);\n  } catch (thrown) {\n    if (thrown) throw thrown;",
    tests: ["shared/core/log/log_record_test.ts"],
  },
  {
    name: "a report that cannot be written blocks the others",
    file: report,
    find: 'if (!(thrown instanceof JobForgeError)) return "internal";',
    replace: "if (!(thrown instanceof JobForgeError)) return undefined;",
    tests: reports,
  },
  {
    name: "an unclear error costs the result at once",
    file: report,
    find: "const REPLACE_AFTER = 3;",
    replace: "const REPLACE_AFTER = 1;",
    tests: reports,
  },
  {
    name: "the search for one outcome never ends",
    file: report,
    find: "const MAX_IN_ROW = 16;",
    replace: "const MAX_IN_ROW = 1_000_000;",
    tests: ["shared/worker/report_test.ts"],
  },
  {
    name: "progress that is rejected costs an outcome",
    file: report,
    find: "if (report.progress.length > 0) await",
    replace: "if (report.progress.length > 1_000) await",
    tests: reports,
  },
  {
    name: "an outcome to record later is lost",
    file: calls,
    find: "outbox.keepOutcomes(of(later), of(unsent), clock.now());",
    replace: "outbox.keepOutcomes([], of(unsent), clock.now());",
    tests: reports,
  },
  {
    name: "outcomes whose report failed are lost",
    file: calls,
    find: "outbox.returnOutcomes(entries, clock.now());",
    replace: "",
    tests: ["shared/worker/drain_failure_test.ts"],
  },
  {
    name: "a report that failed is repeated in full",
    file: calls,
    find: "this.#reportSize = Math.max(1, Math.ceil(entries.length / 2));",
    replace: "",
    tests: reports,
  },
  {
    name: "what waits for its delay is left when the run ends",
    file: calls,
    find: "await this.report(0, 0, Infinity);",
    replace: "await this.report(0, 0);",
    tests: reports,
  },
  {
    name: "a call that hangs is waited for when the run is stopped",
    file: calls,
    find: "this.#deps.clock.setTimer(giveUp, STOPPED_CALL_MS);",
    replace: "void giveUp;",
    tests: reports,
  },
  {
    name: "an outcome that failed alone keeps its place",
    file: outbox,
    find: "entries.length === 1 ? [...others, ...entries]",
    replace: "entries.length === 0 ? [...others, ...entries]",
    tests: ["shared/worker/outbox_test.ts"],
  },
  {
    name: "the last report is left out",
    file: drain,
    find: "    await this.#calls.reportRest();\n",
    replace: "",
    tests: reports,
  },
  {
    name: "handlers that ignore the end of the run are forgotten",
    file: drain,
    find: "    this.#slots.endInterrupted();\n",
    replace: "",
    tests: reports,
  },
  {
    name: "recovering releases what waits to be reported",
    file: drain,
    find: "new Set([...this.#slots.jobIds(), ...this.#outbox.jobIds()])",
    replace: "new Set(this.#slots.jobIds())",
    tests: ["shared/worker/drain_failure_test.ts"],
  },
  {
    name: "jobs that wait are kept when the run takes no more",
    file: drain,
    find: "if (heldTooLong || stopReason(this.#view())) this",
    replace: "if (heldTooLong) this",
    tests: ["shared/worker/drain_failure_test.ts"],
  },
  {
    name: "jobs that ran when the memory was used up are released",
    file: drain,
    find: 'if (cause === "cpu" || cause === "memory") {',
    replace: 'if (cause === "cpu") {',
    tests: ["shared/worker/drain_stop_test.ts"],
  },
  {
    name: "a claim may bring any number of bytes",
    file: "shared/worker/pacing.ts",
    find: "const jobs = Math.floor(this.claimBytes(held) / this.#jobBytes);",
    replace: "const jobs = 1_000 + held;",
    tests: ["shared/worker/pacing_test.ts"],
  },
  {
    name: "a reply is read at any size",
    file: "shared/adapters/data_api/open_data_api.ts",
    find: "if (bytes > maxBytes) throw",
    replace: "if (bytes > maxBytes * 100) throw",
    tests: ["shared/adapters/data_api/run_queue_test.ts"],
  },
  {
    name: "jobs start although too much waits to be reported",
    file: slots,
    find: "this.#waiting.count > 0 && mayStart()) {",
    replace: "this.#waiting.count > 0) {",
    tests: ["shared/worker/slots_test.ts"],
  },
  {
    name: "a timeout hides what was thrown before it",
    file: slots,
    find: "const before = uncaught ?",
    replace: "const before = uncaught === null ?",
    tests: ["shared/worker/slots_test.ts"],
  },
  {
    name: "progress after the order to stop is kept",
    file: "shared/worker/run_services.ts",
    find: "if (attempt.interruption || attempt.isOver) return;",
    replace: "if (attempt.isOver) return;",
    tests: ["shared/worker/drain_stop_test.ts"],
  },
  {
    name: "the signal does not abort when it is asked for late",
    file: "shared/worker/attempt.ts",
    find: "if (this.interruption && !this.#controller.signal.aborted) this",
    replace: "if (false) this",
    tests: ["shared/worker/drain_stop_test.ts"],
  },
  {
    name: "a job that succeeded in its grace is released all the same",
    file: "shared/worker/attempt.ts",
    find: 'const keepsOwn = this.interruption.kind === "released" && finishedAnyway;',
    replace: "const keepsOwn = finishedAnyway && false;",
    tests: ["shared/worker/drain_stop_test.ts"],
  },
  {
    name: "a floating rejection ends the isolate",
    file: uncaught,
    find: "    event.preventDefault();\n    report(event.reason, current());",
    replace: "    report(event.reason, current());",
    tests: ["supabase/functions/tests/uncaught_test.ts"],
  },
  {
    name: "a timer that throws a revoked Proxy ends the isolate",
    file: uncaught,
    find: "  guardSchedulers((callback) => guard(callback, { tag: current() }));\n",
    replace: "",
    tests: ["supabase/functions/tests/uncaught_test.ts"],
  },
  {
    name: "a listener that throws a revoked Proxy ends the isolate",
    file: uncaught,
    find: "  guardListeners(current, guard);\n",
    replace: "",
    tests: ["supabase/functions/tests/uncaught_test.ts"],
  },
  {
    name: "a listener of several attempts blames the first",
    file: uncaught,
    find: "if (known.owner.tag !== current()) known.owner.tag = undefined;",
    replace: "",
    tests: ["supabase/functions/tests/uncaught_test.ts"],
  },
  {
    name: "an error of an unknown job blames one of several",
    file: "shared/worker/uncaught_report.ts",
    find: "running.length === 1 ?",
    replace: "running.length > 0 ?",
    tests: ["shared/worker/uncaught_report_test.ts"],
  },
  {
    name: "the log quotes uncaught errors",
    file: "shared/worker/uncaught_report.ts",
    find: "const frames = head < 0 ? stack : stack.slice(head + message.length);",
    replace: "const frames = head < -1 ? message : stack;",
    tests: ["shared/worker/uncaught_report_test.ts"],
  },
  {
    name: "errors are shown on a hosted project",
    file: "shared/adapters/runtime/env.ts",
    find: " === 1 && isLocal(supabaseUrl),",
    replace: " === 1,",
    tests: ["shared/adapters/runtime/env_test.ts"],
  },
  {
    name: "a timeout that cannot be kept is taken without a word",
    file: "shared/core/job/job_type.ts",
    find: "  warnOfLongTimeout(definition);\n",
    replace: "",
    tests: ["shared/core/job/job_type_test.ts"],
  },
  {
    name: "a worker starts without a word about timeouts",
    file: "supabase/functions/worker/deps.ts",
    find: "  warnOfLongTimeouts(handlers, env.wallClockMs);\n",
    replace: "",
    tests: ["supabase/functions/worker/deps_test.ts"],
  },
  {
    name: "an old isolate leaves a run its whole wall clock",
    file: "shared/core/run/budget.ts",
    find: "platformMs * ANNOUNCED_AT - ageMs",
    replace: "platformMs * ANNOUNCED_AT",
    tests: ["shared/core/run/next_step_test.ts"],
  },
];
