import assert from "node:assert/strict";
import { coarseClock } from "./clock.ts";

/** A coarse clock on times the test sets. */
function stage() {
  const time = { precise: 1_000, wall: 5_000_000 };
  return { time, now: coarseClock(() => time.precise, () => time.wall) };
}

Deno.test("short spans are counted by the wall clock, long ones by the precise one", () => {
  const { time, now } = stage();
  time.wall += 30;
  assert.equal(now(), 1_030);
  time.precise += 400.5;
  time.wall += 370;
  assert.equal(now(), 1_400.5);
});

Deno.test("a wall clock that is set forward or back moves nothing", () => {
  const { time, now } = stage();
  time.wall += 3_600_000;
  assert.equal(now(), 1_000);
  time.wall -= 7_200_000;
  time.precise += 10;
  assert.equal(now(), 1_010);
});

Deno.test("time never runs back", () => {
  const { time, now } = stage();
  time.wall += 49;
  assert.equal(now(), 1_049);
  time.wall += 100;
  time.precise += 20;
  assert.equal(now(), 1_049);
});
