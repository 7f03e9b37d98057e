/** One command of the checks: a run of Deno with its written budget. */
export interface Step {
  name: string;
  /** Arguments of Deno, run in the folder of this project. */
  args: string[];
  /** Seconds that the step takes on two shared cores. */
  budget: number;
  /** Mostly waits, so the steps after it run at the same time. */
  beside?: true;
  /** Starts only when every step before it has ended. */
  alone?: true;
  /** Is one run of `deno test`, and must run at least one test. */
  tests?: true;
  /** Is part of `deno task ok`. */
  ok?: true;
  /** What `--full` runs in its place. */
  full?: Pick<Step, "args" | "budget">;
}

/** What a machine may need at most, as a multiple of the budget. */
export const LENIENCY = 3;

/** Seconds that `.ci/run` and the tests in it must stay under. */
export const PROMISED = { run: 30 * 60, tests: 8 * 60 };

/** Every check, in the order of its start. The quick ones come first. */
export const STEPS: readonly Step[] = [
  { name: "format", args: ["fmt", "--check"], budget: 10, ok: true },
  { name: "lint", args: ["lint"], budget: 10, ok: true },
  { name: "types", args: ["check"], budget: 45, ok: true },
  { name: "schema", args: ["task", "schema", "--check"], budget: 10, ok: true },
  { name: "tests", args: ["task", "test"], budget: 400, tests: true, ok: true },
  { name: "Deno 2.1.4", args: ["task", "check:deno"], budget: 150, tests: true },
  { name: "used project", args: ["task", "check:used"], budget: 100, tests: true },
  { name: "demo", args: ["task", "demo"], budget: 30 },
  { name: "browser", args: ["task", "test:browser"], budget: 200, beside: true, tests: true },
  { name: "deploy", args: ["task", "deploy:check"], budget: 90, tests: true },
  // Starts after the deploy check: npx must not install the same CLI twice at once.
  { name: "CLI", args: ["task", "check:cli"], budget: 50, beside: true, tests: true },
  {
    name: "package",
    args: ["task", "pack:check"],
    budget: 210,
    tests: true,
    // The build of Next.js takes as long as all the rest.
    full: { args: ["task", "pack:check", "packages/apps/next_check.ts"], budget: 240 },
  },
  {
    name: "mutants",
    args: ["task", "mutate", "--", "--sample"],
    // A large change touches nearly all.
    budget: 390,
    tests: true,
    full: { args: ["task", "mutate"], budget: 1_200 },
  },
  {
    name: "chaos",
    args: ["task", "chaos", "--scale=0.005"],
    budget: 100,
    alone: true,
    full: { args: ["task", "chaos"], budget: 300 },
  },
];

/** The steps with what `--full` runs in the place of a part. */
export function fullSteps(): Step[] {
  return STEPS.map((step) => ({ ...step, ...step.full }));
}
