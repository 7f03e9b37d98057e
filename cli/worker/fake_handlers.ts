/** Handlers of the tests of the worker command. */
import { z } from "zod";
import { handle } from "../../shared/core/job/handler.ts";
import { defineJob } from "../../shared/core/job/job_type.ts";

const spin = defineJob({
  type: "test.spin",
  payload: z.object({ ms: z.number() }),
  runsOn: "container",
});

const near = defineJob({ type: "test.near", runsOn: "edge" });

export const handlers = [
  handle(spin, ({ ms }) => {
    const end = performance.now() + ms;
    let turns = 0;
    while (performance.now() < end) turns++;
    return { turns: turns > 0 };
  }),
  handle(near, () => "never here"),
];
