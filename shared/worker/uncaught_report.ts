import { describeThrown } from "../core/job/outcome.ts";
import type { AttemptTag, RunLog } from "./ports.ts";

/** The dependencies of reports about uncaught errors. */
export interface UncaughtDeps {
  log: RunLog;
  /** The attempts that run now. */
  running(): AttemptTag[];
  /** Milliseconds. */
  now(): number;
  /** Shows the value in a developer's terminal. */
  show?: ((thrown: unknown, tag: AttemptTag | undefined) => void) | undefined;
}

// The platform drops log lines beyond 100 in ten seconds, and a timer can throw on and on.
const MAX_LINES = 20;
const WINDOW_MS = 10_000;

/**
 * Logs what handlers throw outside their own promises. It names the job that did it, or the only
 * one that runs. It changes no outcome, so it uses up no attempt. The timeout of that job repeats
 * the error. The log has the kind and the place of an error without its message, which may quote a
 * payload.
 */
export class UncaughtReport {
  readonly #deps: UncaughtDeps;
  #windowEndsAt = -Infinity;
  #lines = 0;
  #suppressed = 0;

  constructor(deps: UncaughtDeps) {
    this.#deps = deps;
  }

  /** Reports a thrown value. `tag` is the attempt that threw it, if it is known. Never throws. */
  add(thrown: unknown, tag: AttemptTag | undefined): void {
    try {
      if (tag) tag.uncaught = describeThrown(thrown);
      this.#deps.show?.(thrown, tag);
      this.#write(thrown, tag);
    } catch {
      // A thrown value must not end the isolate, even if its getters throw.
    }
  }

  #write(thrown: unknown, certain: AttemptTag | undefined): void {
    if (!this.#hasLine()) return void this.#suppressed++;
    const running = this.#deps.running();
    const tag = certain ?? (running.length === 1 ? running[0] : undefined);
    this.#deps.log.write("error", "uncaught_error", {
      ...{ run_id: tag?.runId, tenant_id: tag?.tenantId, job_id: tag?.jobId },
      ...{ type: tag?.type, attempt: tag?.attempt },
      ...{ code: kindOf(thrown), message: placeOf(thrown) },
      ...{ values: { certain: certain !== undefined, running: running.length } },
      suppressed: this.#suppressed,
    });
    this.#suppressed = 0;
  }

  #hasLine(): boolean {
    const now = this.#deps.now();
    if (now >= this.#windowEndsAt) {
      this.#windowEndsAt = now + WINDOW_MS;
      this.#lines = 0;
    }
    return ++this.#lines <= MAX_LINES;
  }
}

function kindOf(thrown: unknown): string {
  try {
    return thrown instanceof Error ? String(thrown.name) : thrown === null ? "null" : typeof thrown;
  } catch {
    return "unreadable";
  }
}

/** A line of a stack, but not one of the runtime or of the guard around callbacks. */
const OWN_FRAME = /^\s+at (?!.*(?:\bext:|\bnode:|\/uncaught\.ts))\S/;

/** Returns the first lines of a stack, which name files and functions. */
function placeOf(thrown: unknown): string | undefined {
  try {
    if (!(thrown instanceof Error)) return undefined;
    const stack = String(thrown.stack);
    const message = String(thrown.message);
    const head = stack.indexOf(message);
    const frames = head < 0 ? stack : stack.slice(head + message.length);
    const places = frames.split("\n").filter((line) => OWN_FRAME.test(line)).slice(0, 3);
    return places.map((line) => line.trim()).join(" ");
  } catch {
    return undefined;
  }
}
