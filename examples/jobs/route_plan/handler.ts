import { handle } from "../../../shared/core/job/handler.ts";
import { routePlan } from "./definition.ts";
import { improve, lengthOf, nearestFirst } from "./tour.ts";

/** Improves a trip until no change makes it shorter. Between rounds it can be stopped. */
export const planRoute = handle(routePlan, async ({ depot, stops }, ctx) => {
  const places = [depot, ...stops];
  const tour = nearestFirst(places);
  const first_meters = Math.round(lengthOf(places, tour));
  for (let round = 1; improve(places, tour); round++) {
    ctx.progress({ round, meters: Math.round(lengthOf(places, tour)) });
    await nextTurn();
    ctx.signal.throwIfAborted();
  }
  // The depot is the first place of the trip, and no stop.
  const order = tour.slice(1).map((place) => place - 1);
  return { order, meters: Math.round(lengthOf(places, tour)), first_meters };
});

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}
