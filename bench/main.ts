import { type Bench, openBench } from "./harness/bench.ts";
import { report } from "./harness/harness.ts";
import { type Options, readOptions } from "./harness/options.ts";
import type { Row } from "./harness/rows.ts";
import { type Server, startServer } from "./harness/server.ts";
import { keep } from "./report/keep.ts";
import { describeMachine } from "./report/machine.ts";
import { table } from "./report/table.ts";
import { containerRows } from "./scenarios/container.ts";
import { costRows } from "./scenarios/cost.ts";
import { writeDashboardPlans } from "./scenarios/dashboard_plans.ts";
import { drainRows } from "./scenarios/drain.ts";
import { enqueueRows } from "./scenarios/enqueue.ts";
import { fairnessRows } from "./scenarios/fairness.ts";
import { hostileRows } from "./scenarios/hostile.ts";
import { httpRows } from "./scenarios/http.ts";
import { instructionRows } from "./scenarios/instructions.ts";
import { largeTenantRows } from "./scenarios/large_tenant.ts";
import { maintenanceRows } from "./scenarios/maintenance.ts";
import { payloadRows } from "./scenarios/payloads.ts";
import { writePlans } from "./scenarios/plans.ts";
import { soakRows } from "./scenarios/soak.ts";
import { stallRows } from "./scenarios/stall.ts";
import { storageRows } from "./scenarios/storage.ts";
import { watchRows } from "./scenarios/watch.ts";
import { webhookRows } from "./scenarios/webhooks.ts";

type Group = (bench: Bench) => Promise<Row[]>;

/** Groups with targets, in the order of the table. */
const GROUPS: Record<string, Group> = {
  drain: drainRows,
  enqueue: enqueueRows,
  fairness: fairnessRows,
  storage: storageRows,
  http: httpRows,
  webhooks: webhookRows,
};

/** Groups that only run when they are named, or for the page of results. */
const EXTRAS: Record<string, Group> = {
  container: containerRows,
  cost: costRows,
  maintenance: maintenanceRows,
  "large-tenant": largeTenantRows,
  payloads: payloadRows,
  stall: stallRows,
  hostile: hostileRows,
  plans: writePlans,
  "dashboard-plans": writeDashboardPlans,
  instructions: instructionRows,
  watch: watchRows,
};

/** Groups that only run when they are named: they take too long for the others. */
const NAMED: Record<string, Group> = { soak: soakRows };

async function measure(server: Server, options: Options): Promise<Row[]> {
  const bench = openBench(server, options.quick);
  const rows: Row[] = [];
  for (const name of options.groups) {
    const started = performance.now();
    report(`${name} …`);
    await server.admin`checkpoint`;
    rows.push(...await { ...GROUPS, ...EXTRAS, ...NAMED }[name]!(bench));
    report(`${name}: ${Math.round((performance.now() - started) / 1000)} s`);
  }
  return rows;
}

const options = readOptions(Deno.args, {
  groups: Object.keys(GROUPS),
  extras: Object.keys(EXTRAS),
  named: Object.keys(NAMED),
});
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
