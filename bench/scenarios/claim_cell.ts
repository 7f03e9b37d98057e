import { type Cell, expectCount, millisecondsOf } from "../harness/harness.ts";
import {
  type ClaimedJob,
  enqueueJobs,
  type JobForge,
  settleAndClaim,
  startRun,
} from "../harness/jobforge.ts";

/** Measures the time of a claim of 50. What it claimed is settled afterwards, unmeasured. */
export async function claimCell(name: string, jobforge: JobForge, atLeast = 0): Promise<Cell> {
  const { sql } = jobforge;
  const runId = await startRun(sql);
  let held: ClaimedJob[] = [];
  return {
    name,
    // Keeps so many jobs claimable, apart from other rows of the table.
    prepare: async () => {
      const [row] = await sql`
        select count(*)::int as count from (
          select from jobforge.ready limit ${atLeast}) as ready
      `;
      if (row!.count < atLeast) await enqueueJobs(sql, 1, 1000);
    },
    run: () => millisecondsOf(async () => held = await settleAndClaim(sql, runId, [], 50)),
    async check() {
      expectCount("jobs claimed", held.length, 50);
      await settleAndClaim(sql, runId, held, 0);
    },
  };
}
