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
    console.error(`✗ ${job.type} ${job.id}, ${end} (${reason})${stackOf(thrown)}`);
  },
  uncaught(thrown: unknown, tag: AttemptTag | undefined): void {
    const owner = tag ? `${tag.type} ${tag.jobId}, attempt ${tag.attempt}` : "a handler";
    console.error(`✗ ${owner} threw outside its promise: ${summaryOf(thrown)}${stackOf(thrown)}`);
  },
};

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
