import assert from "node:assert/strict";
import { InFlightLimit } from "./in_flight_limit.ts";

Deno.test("calls beyond the limit are rejected, and finished calls make space for new ones", async () => {
  const inFlight = new InFlightLimit(2);
  const slow = Promise.withResolvers<number>();
  let made = 0;
  const call = () => {
    made++;
    return slow.promise;
  };
  const waiting = [inFlight.pass(call), inFlight.pass(call)];
  await assert.rejects(inFlight.pass(call), {
    code: "unavailable",
    extras: { retryAfterSeconds: 2 },
  });
  assert.equal(made, 2);
  slow.resolve(7);
  assert.deepEqual(await Promise.all(waiting), [7, 7]);
  assert.equal(await inFlight.pass(call), 7);
});

Deno.test("a failed call makes space for another", async () => {
  const inFlight = new InFlightLimit(1);
  const failing = () => Promise.reject(new Error("down"));
  await assert.rejects(inFlight.pass(failing), /down/);
  await assert.rejects(inFlight.pass(failing), /down/);
});
