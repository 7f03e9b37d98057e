import { inspect as inspectValue } from "node:util";
import type { Outcome } from "../../core/job/outcome.ts";
import type { AttemptTag, ClaimedJob } from "../../worker/ports.ts";

/**
 * Prints errors of handlers with their stacks, as plain lines. For local projects alone: messages
 * and stacks may quote payloads, so logs of a hosted project never have them.
 */
export const terminal = {
  unsuccessful(job: ClaimedJob, { outcome, error }: Outcome, thrown: unknown): void {
    const end = `attempt ${job.attempt} of ${job.max_attempts} ${outcome}`;
    const reason = `${error?.code}: ${error?.message}`;
    const place = placeOf(thrown);
    const lines = [
      `✗ ${job.type} ${job.id}, ${end} (${reason})`,
      `  tenant ${job.tenant_id}${place ? `, at ${place}` : ""}`,
    ];
    console.error(lines.join("\n") + stackOf(thrown));
  },
  uncaught(thrown: unknown, tag: AttemptTag | undefined): void {
    const owner = tag ? `${tag.type} ${tag.jobId}, attempt ${tag.attempt}` : "a handler";
    console.error(`✗ ${owner} threw outside its promise: ${summaryOf(thrown)}${stackOf(thrown)}`);
  },
};

const METHODS = ["debug", "error", "info", "log", "warn"] as const;

/** Lets `console.log` and the like of a handler begin with its job. `current` is what runs. */
export function tagConsole(current: () => AttemptTag | undefined): void {
  for (const name of METHODS) {
    const print = console[name].bind(console);
    console[name] = (...values: unknown[]) => {
      const tag = isRecord(values) ? undefined : current();
      if (!tag) return print(...values);
      const [first, ...rest] = values;
      const head = `${tag.type} ${tag.jobId}:`;
      // A text in the first place may have places for the others.
      if (typeof first === "string") print(`${head} ${first}`, ...rest);
      else print(head, ...values);
    };
  }
}

/** Returns whether it is a line of the worker's own log. */
function isRecord([line, ...rest]: unknown[]): boolean {
  return rest.length === 0 && typeof line === "string" && line.startsWith('{"timestamp":"');
}

/** Frames of the runtime, of packages and of JobForge. */
const FOREIGN = /\b(?:ext|node|npm):|\/node_modules\/|\/_jobforge\/|\/npm\//;

/** Returns the file, line and column in which the application threw. */
function placeOf(thrown: unknown): string | undefined {
  try {
    if (!(thrown instanceof Error)) return undefined;
    const frames = String(thrown.stack).split("\n").filter((line) => /^\s+at /.test(line));
    const own = frames.find((line) => !FOREIGN.test(line));
    return own && /(?:\(|at )(?:async )?([^()\s]+:\d+:\d+)\)?$/.exec(own.trim())?.[1];
  } catch {
    return undefined;
  }
}

function stackOf(thrown: unknown): string {
  return thrown === undefined ? "" : `\n${inspect(thrown)}`;
}

function summaryOf(thrown: unknown): string {
  return inspect(thrown).split("\n", 1)[0]!;
}

/** Returns the stack with causes, as the runtime prints an error. */
function inspect(thrown: unknown): string {
  try {
    return inspectValue(thrown, { colors: false });
  } catch {
    return "a value that cannot be read";
  }
}
