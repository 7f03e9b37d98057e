import { extname } from "node:path";
import { changeOf } from "../../../local/checks/ci/change.ts";
import { type Mutant } from "./mutant.ts";
import { lists, mutants } from "./mutants/mod.ts";
import { selectMutants } from "./selection.ts";
import { type Complaint, complaintOf } from "./trial.ts";
import { Workspace } from "./workspace.ts";

const LANES = 2;

/** A fault that only a race shows may escape once. */
const TRIES = 3;

/** Puts mutants on trial, some at a time. A promise per mutant has the test that failed. */
function tryAll(lanes: Workspace[], all: Mutant[]): Promise<Complaint>[] {
  const trials = all.map((mutant) => ({ mutant, ...Promise.withResolvers<Complaint>() }));
  const queue = [...trials];
  const work = async (workspace: Workspace) => {
    for (let trial = queue.shift(); trial; trial = queue.shift()) {
      const { mutant, resolve, reject } = trial;
      await tryOne(workspace, mutant).then(resolve, reject);
    }
  };
  for (const workspace of lanes) work(workspace);
  for (const { promise } of trials) promise.catch(() => {});
  return trials.map(({ promise }) => promise);
}

async function tryOne(workspace: Workspace, mutant: Mutant): Promise<Complaint> {
  const { before, tests } = mutant;
  return await workspace.with(mutant, async (functions) => {
    for (let left = TRIES; left > 0; left--) {
      const complaint = await complaintOf(workspace, tests, { functions, before });
      if (complaint) return complaint;
    }
    return undefined;
  });
}

/** All mutants, or with `--sample` a part: see {@link selectMutants}. */
async function chooseMutants(): Promise<Mutant[]> {
  if (!Deno.args.includes("--sample")) return mutants;
  const change = await changeOf();
  const { touched, taken, drawn } = selectMutants(lists, change);
  const since = change.base ? `since ${change.base.slice(0, 7)}` : "without a base";
  console.log(
    `${taken.length} of ${touched.length} mutants touched ${since}, ${drawn.length} of the other ` +
      `${mutants.length - touched.length} (JOBFORGE_SEED=${change.seed})`,
  );
  return [...taken, ...drawn];
}

// Trials run beside each other, so what a step starts may end in a later one.
const UNSANITIZED = { sanitizeOps: false, sanitizeResources: false };

Deno.test("every mutant is caught", UNSANITIZED, async (t) => {
  const lanes = await Promise.all(Array.from({ length: LANES }, () => Workspace.make()));
  const word = Deno.env.get("MUTANT") ?? "";
  const chosen = (await chooseMutants()).filter(({ name }) => name.includes(word));
  let caught = 0;
  try {
    const sound = await t.step("the tests pass without a mutant", async () => {
      const tests = [...new Set(chosen.flatMap(({ tests }) => tests))];
      const kinds = Object.values(Object.groupBy(tests, (test) => extname(test)));
      const complaints = await Promise.all(
        kinds.map((kind, index) => complaintOf(lanes[index % LANES]!, kind!)),
      );
      const complaint = complaints.find(Boolean);
      if (complaint) throw new Error(complaint);
    });
    if (!sound) return;
    const verdicts = tryAll(lanes, chosen);
    for (const [index, mutant] of chosen.entries()) {
      const fn = async () => {
        if (!await verdicts[index]) throw new Error(`survived: ${mutant.tests.join(", ")}`);
      };
      const ok = await t.step({ name: mutant.name, ...UNSANITIZED, fn });
      if (ok) caught++;
    }
    await Promise.allSettled(verdicts);
  } finally {
    await Promise.all(lanes.map((workspace) => workspace.remove()));
  }
  console.log(`${caught} of ${chosen.length} mutants caught`);
});
