import { z } from "zod";
import { defineJob } from "../../../shared/core/job/job_type.ts";

/** A place on a plane, in meters. */
const place = z.strictObject({
  x: z.number().min(-1e7).max(1e7),
  y: z.number().min(-1e7).max(1e7),
});

/** Plans a round trip through many stops. It computes for seconds, so it runs in containers. */
export const routePlan = defineJob({
  type: "route.plan",
  payload: z.strictObject({ depot: place, stops: z.array(place).min(1).max(3_000) }),
  result: z.object({
    /** Indexes of the stops, in the order of the trip. */
    order: z.array(z.int()),
    meters: z.int(),
    /** Meters of the trip before it was improved. */
    first_meters: z.int(),
  }),
  runsOn: "container",
  timeoutMs: 3_600_000,
  maxAttempts: 3,
});
