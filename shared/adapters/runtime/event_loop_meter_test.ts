import assert from "node:assert/strict";
import { EventLoopMeter } from "./event_loop_meter.ts";

const nextTurn = () => new Promise((resolve) => setTimeout(resolve, 5));

Deno.test("a turn is measured from entering it until the event loop comes round", async () => {
  const meter = new EventLoopMeter();
  meter.start();
  const before = performance.now();
  const first = meter.enter();
  assert.equal(meter.enter(), first);
  while (performance.now() - before < 20);
  assert.ok(meter.lasted() >= 15);
  await nextTurn();
  assert.equal(meter.lasted(), 0);
  assert.ok(meter.busyMs() >= 20);
  assert.equal(meter.enter(), first + 1);
  meter.stop();
});

Deno.test("callbacks come after the turn, once", async () => {
  const meter = new EventLoopMeter();
  meter.start();
  const order: string[] = [];
  meter.afterTurn(() => order.push("after"));
  await Promise.resolve();
  order.push("microtask");
  await nextTurn();
  await nextTurn();
  assert.deepEqual(order, ["microtask", "after"]);
  meter.stop();
});

Deno.test("estimates are added, and nothing is observed after the last release", async () => {
  const meter = new EventLoopMeter();
  meter.start();
  meter.start();
  meter.stop();
  meter.addUnmeasured(3);
  assert.ok(meter.busyMs() >= 3);
  meter.stop();
  const busy = meter.busyMs();
  meter.enter();
  await nextTurn();
  assert.equal(meter.busyMs(), busy);
});
