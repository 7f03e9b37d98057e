import assert from "node:assert/strict";
import { fakeContext } from "../../../shared/jobs/fake_context.ts";
import { routePlan } from "./definition.ts";
import { planRoute } from "./handler.ts";

async function plan(stops: { x: number; y: number }[]) {
  const payload = routePlan.payload!.parse({ depot: { x: 0, y: 0 }, stops });
  return routePlan.result!.parse(await planRoute.run(payload, fakeContext()));
}

Deno.test("stops on a circle are visited around it", async () => {
  const angles = [3, 1, 5, 0, 4, 2].map((step) => step * Math.PI / 3);
  const stops = angles.map((angle) => ({ x: 1_000 * Math.cos(angle), y: 1_000 * Math.sin(angle) }));
  const { order, meters } = await plan(stops);
  const steps = order.map((index) => Math.round(angles[index]! / Math.PI * 3));
  for (const [position, step] of steps.slice(1).entries()) {
    assert.equal(Math.min((step - steps[position]! + 6) % 6, (steps[position]! - step + 6) % 6), 1);
  }
  assert.equal(meters, 7_000, "five sides of 1,000 and two radii");
});

Deno.test("a crossing trip is untangled, and every stop is visited once", async () => {
  let seed = 7;
  const next = () => (seed = (seed * 16_807) % 2_147_483_647) % 10_000;
  const stops = Array.from({ length: 300 }, () => ({ x: next(), y: next() }));
  const { order, meters, first_meters } = await plan(stops);
  assert.deepEqual(order.toSorted((a, b) => a - b), [...stops.keys()]);
  assert.ok(meters < first_meters * 0.95, `${first_meters} → ${meters}`);
});

Deno.test("a stop at the depot is a trip of nothing", async () => {
  assert.deepEqual(await plan([{ x: 0, y: 0 }]), { order: [0], meters: 0, first_meters: 0 });
});
