import assert from "node:assert/strict";
import type { Call, DataApi, Reply } from "./data_api.ts";
import { openRefusalCounter } from "./refusal_counter.ts";

/** A counter whose time stands still until `pass`, on a database that may be unreachable. */
function stage(status = 200) {
  const sent: unknown[] = [];
  const kept: Promise<unknown>[] = [];
  const sleepers: (() => void)[] = [];
  let lost = 0;
  const api = {
    rpc(name: string, { p_refusals }: Record<string, unknown>) {
      assert.equal(name, "jobforge_count_refusals");
      sent.push(p_refusals);
      const error = status === 200 ? null : { message: "away", code: "", details: "", hint: "" };
      const reply = { data: 1, error, status } as Reply;
      return { abortSignal: () => Promise.resolve(reply) } as unknown as Call;
    },
  } as unknown as DataApi;
  const counter = openRefusalCounter({
    api,
    sleep: () => new Promise((resolve) => sleepers.push(resolve)),
    keepAlive: (promise) => void kept.push(promise),
    onLost: () => void lost++,
  });
  const pass = async () => {
    for (const wake of sleepers.splice(0)) wake();
    await Promise.all(kept.splice(0));
  };
  return { counter, sent, pass, lost: () => lost, waiting: () => kept.length };
}

Deno.test("many refusals are one call", async () => {
  const { counter, pass, sent, waiting } = stage();
  for (let i = 0; i < 1000; i++) counter.add(i % 2 ? "a" : "b");
  assert.equal(waiting(), 1);
  assert.deepEqual(sent, []);
  await pass();
  assert.deepEqual(sent, [[{ config_id: "b", refused: 500 }, { config_id: "a", refused: 500 }]]);
});

Deno.test("what comes later is another call, and nothing is counted twice", async () => {
  const { counter, pass, sent } = stage();
  counter.add("a");
  await pass();
  counter.add("a");
  await pass();
  assert.deepEqual(sent, [[{ config_id: "a", refused: 1 }], [{ config_id: "a", refused: 1 }]]);
});

Deno.test("a call names a hundred endpoints at most", async () => {
  const { counter, pass, sent } = stage();
  for (let i = 0; i < 150; i++) counter.add(`${i}`);
  counter.add("0");
  await pass();
  const [refusals] = sent as { refused: number }[][];
  assert.equal(refusals!.length, 100);
  assert.equal(refusals![0]!.refused, 2);
});

Deno.test("lost counts are logged and stop nothing", async () => {
  const { counter, lost, pass, sent } = stage(503);
  counter.add("a");
  await pass();
  assert.equal(lost(), 1);
  counter.add("a");
  await pass();
  assert.equal(sent.length, 2);
});
