import { withDatabase } from "../../../local/test/test_database.ts";
import { Random, seedOf } from "../fixtures/random.ts";
import { Sequence } from "./sequence.ts";
import { STEPS } from "./steps.ts";

const SEQUENCES = Number(Deno.env.get("JOBFORGE_MODEL_SEQUENCES") ?? 20);
const LENGTH = 60;

class RolledBack extends Error {}

Deno.test("random calls do what the model of the rules says", () =>
  withDatabase(async ({ sql }) => {
    // The model starts runs as it likes. start_run has tests of its own for their number.
    await sql`update jobforge.settings set max_runs = 100`;
    const first = seedOf();
    for (let seed = first; seed < first + SEQUENCES; seed++) {
      let log: string[] = [];
      try {
        await sql.begin(async (transaction) => {
          const sequence = new Sequence(transaction as never, new Random(seed));
          log = sequence.log;
          await sequence.begin();
          for (let step = 0; step < LENGTH; step++) await sequence.step(STEPS);
          await sequence.compareAttempts();
          throw new RolledBack();
        });
      } catch (error) {
        if (error instanceof RolledBack) continue;
        const repeat = `JOBFORGE_SEED=${seed} JOBFORGE_MODEL_SEQUENCES=1`;
        throw new Error(`${repeat} repeats it:\n${log.join("\n")}`, { cause: error });
      }
    }
  }));
