/** `deno task chaos`: the fault matrix; --scale=<0.005..1>, --only=C1,C5, --seed=<number>. */
import { parseArgs } from "node:util";
import { MATRIX } from "./matrix.ts";
import { seedOf } from "../fixtures/random.ts";
import { type Outcome, play } from "./scenario.ts";
import { startWorld } from "./world.ts";

const USAGE = "deno task chaos [--scale=0.1] [--only=C1,C5] [--seed=1]";

function options() {
  const { values } = parseArgs({
    args: Deno.args,
    options: {
      scale: { type: "string", default: "0.1" },
      only: { type: "string" },
      seed: { type: "string" },
    },
  });
  const scale = Number(values.scale);
  if (!(scale >= 0.005 && scale <= 1)) throw new RangeError(`--scale is 0.005 to 1. ${USAGE}`);
  const ids = values.only?.split(",") ?? MATRIX.map(({ id }) => id);
  const scenarios = ids.map((id) => {
    const found = MATRIX.find((each) => each.id === id);
    if (!found) throw new RangeError(`there is no ${id}. ${USAGE}`);
    return found;
  });
  return { scale, scenarios, seed: seedOf(values.seed) };
}

function row({ id, fault, jobs, lost, duplicates, outcomes, seconds, figures }: Outcome): string {
  const ends = Object.entries(outcomes).map(([status, count]) => `${count} ${status}`).join(", ");
  return `| ${id} | ${fault} | ${jobs} | ${ends} | ${lost} | ${duplicates} | ${figures} | ${seconds} |`;
}

const { scale, scenarios, seed } = options();
console.log(`seed ${seed}, scale ${scale}`);
const world = await startWorld(seed);
const failed: string[] = [];
let jobs = 0;
console.log("| # | fault | jobs | ended as | lost | effects twice | figures | s |");
console.log("| - | ----- | ---- | -------- | ---- | ------------- | ------- | - |");
for (const scenario of scenarios) {
  try {
    const outcome = await play(world, scenario, scale);
    jobs += outcome.jobs;
    console.log(row(outcome));
  } catch (error) {
    failed.push(scenario.id);
    const [reason, ...situation] = (error as Error).message.split("\n");
    console.log(`| ${scenario.id} | FAILED: ${reason} |`);
    for (const line of situation) console.log(`    ${line}`);
  }
}
await world.stop();
console.log(`${jobs} jobs; failed: ${failed.join(", ") || "none"}; seed ${seed}`);
Deno.exit(failed.length === 0 ? 0 : 1);
