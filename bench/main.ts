import { drainRows } from "./drain.ts";
import { enqueueRows } from "./enqueue.ts";
import { type Bench, openBench } from "./bench.ts";
import { say } from "./harness.ts";
import type { Row } from "./rows.ts";
import { startServer } from "./server.ts";
import { table } from "./table.ts";
import { readOptions } from "./options.ts";

import { writePlans } from "./plans.ts";
import { httpRows } from "./http.ts";
import { storageRows } from "./storage.ts";
import { fairnessRows } from "./fairness.ts";
const GROUPS: Record<string, (bench: Bench) => Promise<Row[]>> = {
  enqueue: enqueueRows,
  drain: drainRows,
  fairness: fairnessRows,
  storage: storageRows,
  http: httpRows,
  plans: writePlans,
};

const options = readOptions(Deno.args, Object.keys(GROUPS));
const server = await startServer();
const rows: Row[] = [];
try {
  for (const name of options.groups) {
    const started = performance.now();
    rows.push(...await GROUPS[name]!(openBench(server, options.quick)));
    say(`${name}: ${Math.round((performance.now() - started) / 1000)} s`);
  }
} finally {
  await server.stop();
}
console.log(table(rows));
for (const r of rows) say(r.work + ": " + r.note + " " + r.spread);
Deno.exit(0);
