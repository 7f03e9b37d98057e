import assert from "node:assert/strict";
import { BusyTurns } from "./turns.ts";

const nextTurn = () => new Promise((resolve) => setTimeout(resolve, 5));

Deno.test("a turn is measured from entering it until the event loop comes round", async () => {
  const turns = new BusyTurns();
  turns.acquire();
  const before = performance.now();
  const first = turns.enter();
  assert.equal(turns.enter(), first);
  while (performance.now() - before < 20);
  assert.ok(turns.lasted() >= 15);
  await nextTurn();
  assert.equal(turns.lasted(), 0);
  assert.ok(turns.busyMs() >= 20);
  assert.equal(turns.enter(), first + 1);
  turns.release();
});

Deno.test("callbacks come after the turn, once", async () => {
  const turns = new BusyTurns();
  turns.acquire();
  const order: string[] = [];
  turns.afterTurn(() => order.push("after"));
  await Promise.resolve();
  order.push("microtask");
  await nextTurn();
  await nextTurn();
  assert.deepEqual(order, ["microtask", "after"]);
  turns.release();
});

Deno.test("estimates are added, and nothing is observed after the last release", async () => {
  const turns = new BusyTurns();
  turns.acquire();
  turns.acquire();
  turns.release();
  turns.addUnseen(3);
  assert.ok(turns.busyMs() >= 3);
  turns.release();
  const busy = turns.busyMs();
  turns.enter();
  await nextTurn();
  assert.equal(turns.busyMs(), busy);
});
