import { runDeno } from "./step_process.ts";
import type { Step } from "./steps.ts";
import { type Ended, judge, limitOf, lineOf, type Verdict } from "./verdict.ts";

/** How steps are run. */
export interface RunOptions {
  /** Takes what is to be shown, in pieces. */
  show: (text: string) => void;
  /** Steps that have ended before, by name: they are judged and not run again. */
  ended?: ReadonlyMap<string, Ended>;
  /** Leaves out what follows a failed step. */
  stopAtFailure?: boolean;
}

/**
 * Runs the steps in their order and returns a verdict for each. The output of a step that runs
 * beside others is kept and shown at its end, so that outputs do not mix.
 */
export async function runSteps(
  steps: readonly Step[],
  { show, ended = new Map(), stopAtFailure = false }: RunOptions,
): Promise<Verdict[]> {
  const verdicts: Verdict[] = [];
  const conclude = (step: Step, outcome: Ended) => {
    const verdict = judge(step, outcome);
    show(`== ${lineOf(verdict)}\n`);
    verdicts.push(verdict);
  };
  let aside: { step: Step; outcome: Promise<Ended> }[] = [];
  const join = async () => {
    for (const { step, outcome } of aside) {
      const { output } = await outcome;
      show(`== ${step.name}\n${output}`);
      conclude(step, await outcome);
    }
    aside = [];
  };
  for (const step of steps) {
    if (stopAtFailure && verdicts.some(({ problem }) => problem)) break;
    const before = ended.get(step.name);
    if (before) {
      conclude(step, before);
      continue;
    }
    if (step.beside) {
      aside.push({ step, outcome: runDeno(step.args, limitOf(step), () => {}) });
      continue;
    }
    if (step.alone) await join();
    show(`== ${step.name}\n`);
    conclude(step, await runDeno(step.args, limitOf(step), show));
  }
  await join();
  return verdicts;
}
