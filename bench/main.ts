import { type Bench, openBench } from "./bench.ts";
import { costRows } from "./cost.ts";
import { writeDashboardPlans } from "./dashboard_plans.ts";
import { drainRows } from "./drain.ts";
import { enqueueRows } from "./enqueue.ts";
import { fairnessRows } from "./fairness.ts";
import { say } from "./harness.ts";
import { httpRows } from "./http.ts";
import { instructionRows } from "./instructions.ts";
import { keep } from "./keep.ts";
import { describeMachine } from "./machine.ts";
import { type Options, readOptions } from "./options.ts";
import { writePlans } from "./plans.ts";
import type { Row } from "./rows.ts";
import { type Server, startServer } from "./server.ts";
import { storageRows } from "./storage.ts";
import { table } from "./table.ts";
import { webhookRows } from "./webhooks.ts";

type Group = (bench: Bench) => Promise<Row[]>;

/** Groups with targets, in the order of the table. */
const GROUPS: Record<string, Group> = {
  enqueue: enqueueRows,
  drain: drainRows,
  fairness: fairnessRows,
  storage: storageRows,
  http: httpRows,
  webhooks: webhookRows,
};

/** Groups that only run when they are named, or for the page of results. */
const EXTRAS: Record<string, Group> = {
  cost: costRows,
  plans: writePlans,
  "dashboard-plans": writeDashboardPlans,
  instructions: instructionRows,
};

async function measure(server: Server, options: Options): Promise<Row[]> {
  const bench = openBench(server, options.quick);
  const rows: Row[] = [];
  for (const name of options.groups) {
    const started = performance.now();
    say(`${name} …`);
    await server.admin`checkpoint`;
    rows.push(...await { ...GROUPS, ...EXTRAS }[name]!(bench));
    say(`${name}: ${Math.round((performance.now() - started) / 1000)} s`);
  }
  return rows;
}

const options = readOptions(Deno.args, Object.keys(GROUPS), Object.keys(EXTRAS));
const server = await startServer();
try {
  const rows = await measure(server, options);
  console.log(table(rows));
  if (options.write) {
    await keep({ machine: await describeMachine(server), quick: options.quick, rows });
  }
} finally {
  await server.stop();
}
// The peers leave timers behind that would keep the process alive.
Deno.exit(0);
