import { stripVTControlCharacters } from "node:util";
import { LENIENCY, type Step } from "./steps.ts";

/** How the process of a step ended. */
export interface Ended {
  success: boolean;
  seconds: number;
  output: string;
}

/** What a step adds to the result of all. */
export interface Verdict {
  name: string;
  seconds: number;
  budget: number;
  passed: number;
  failed: number;
  /** Why the step failed. */
  problem?: string;
}

/** Tests and their steps, as Deno counts them. */
export type Count = Pick<Verdict, "passed" | "failed">;

// "ok | 12 passed (34 steps) | 1 failed (2 steps) | 3 ignored (1m2s)"
const SUMMARY = /^(?:ok|FAILED) \| \d+ passed\b.*$/gm;

/**
 * Returns the counts of a run of `deno test`, undefined if the output has no summary. Only the last
 * summary counts: a test may print the one of a run that it started itself.
 */
export function countOf(output: string): Count | undefined {
  const summary = stripVTControlCharacters(output).match(SUMMARY)?.at(-1);
  if (summary === undefined) return undefined;
  const of = (word: string) => {
    const [, tests, steps] = new RegExp(`(\\d+) ${word}(?: \\((\\d+) steps?\\))?`).exec(summary) ??
      [];
    return Number(tests ?? 0) + Number(steps ?? 0);
  };
  return { passed: of("passed"), failed: of("failed") };
}

/** Returns the seconds after which a step fails. */
export function limitOf({ budget }: Pick<Step, "budget">): number {
  return budget * LENIENCY;
}

/** Returns what a step came to. A step that fails without a failed test counts as one failure. */
export function judge(step: Step, { success, seconds, output }: Ended): Verdict {
  const count = step.tests ? countOf(output) : undefined;
  const { passed, failed } = count ?? { passed: 0, failed: 0 };
  const verdict = { name: step.name, seconds: Math.round(seconds), budget: step.budget, passed };
  const problem = problemOf(step, success, seconds, { passed, failed });
  if (problem === undefined) return { ...verdict, failed };
  return { ...verdict, failed: Math.max(failed, 1), problem };
}

function problemOf(
  step: Step,
  success: boolean,
  seconds: number,
  { passed, failed }: Count,
): string | undefined {
  if (seconds > limitOf(step)) return `took more than ${LENIENCY} times its budget`;
  if (failed > 0) return `failed tests: ${failed}`;
  if (!success) return "the command failed";
  if (step.tests && passed === 0) return "no test ran";
  return undefined;
}

/** Returns the line of a step: its seconds beside its budget, and why it failed. */
export function lineOf({ name, seconds, budget, problem }: Verdict): string {
  return `${name}: ${seconds} s of ${budget} s${problem ? `, FAILED: ${problem}` : ""}`;
}

/** Returns the last line of a run. */
export function totalOf(verdicts: readonly Verdict[]): string {
  const { passed, failed } = sum(verdicts);
  return `${passed} passed, ${failed} failed`;
}

/** Returns whether a run counts as passed: nothing failed, and tests ran. */
export function isGood(verdicts: readonly Verdict[]): boolean {
  const { passed, failed } = sum(verdicts);
  return failed === 0 && passed > 0;
}

function sum(verdicts: readonly Verdict[]): Count {
  return verdicts.reduce(
    (total, { passed, failed }) => ({
      passed: total.passed + passed,
      failed: total.failed + failed,
    }),
    { passed: 0, failed: 0 },
  );
}
