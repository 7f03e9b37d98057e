import { MATRIX } from "./matrix.ts";
import { seedOf } from "../random.ts";
import { play } from "./scenario.ts";
import { startWorld } from "./world.ts";

/** The most telling of the matrix, as small as they go; `deno task chaos` plays all of it. */
const SHORT = ["C1", "C2", "C3", "C6", "C14"];

Deno.test({
  name: "nothing is lost when processes, database and network break",
  // Connections of a database that crashed are not all ours to close.
  sanitizeOps: false,
  sanitizeResources: false,
  async fn(t) {
    const seed = seedOf();
    const world = await startWorld(seed);
    try {
      for (const scenario of MATRIX.filter(({ id }) => SHORT.includes(id))) {
        await t.step(`${scenario.id}: ${scenario.fault}; seed ${seed}`, async () => {
          await play(world, scenario, 0.005);
        });
      }
    } finally {
      await world.stop();
    }
  },
});
