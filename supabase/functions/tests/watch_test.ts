import assert from "node:assert/strict";
import { createClient, type SupabaseClient } from "@supabase/supabase-js";
import { connect } from "../../../local/postgres/database.ts";
import { startStack } from "../../../local/stack/stack.ts";
import { createJobForge } from "../../../shared/client.ts";
import { Calls } from "../../../shared/client/calls.ts";
import { Hints } from "../../../shared/client/hints.ts";

/** What takes longer has failed. */
const bound = () => AbortSignal.timeout(5_000);

/** Ends with a hint. The next poll would come in ten minutes. */
const hinted = (hints: Hints) => hints.pause(600_000, bound());

async function until(check: () => boolean): Promise<void> {
  for (let look = 0; look < 500 && !check(); look++) await new Promise((go) => setTimeout(go, 10));
  assert.ok(check());
}

// The timers of supabase-js outlive its clients.
const options = { sanitizeOps: false, sanitizeResources: false };

Deno.test("a client sees changes of what it watches", options, async (t) => {
  const stack = await startStack({ functions: [] });
  const sql = connect(stack.dbUrl);
  const [acme, globex] = [crypto.randomUUID(), crypto.randomUUID()];
  const open: SupabaseClient[] = [];
  const member = async (tenantId: string) => {
    const token = await stack.signUserToken({ tenantId });
    const supabase = createClient(stack.url, stack.publishableKey, {
      accessToken: () => Promise.resolve(token),
    });
    open.push(supabase);
    return supabase;
  };
  const [run] = await sql`select run_id from jobforge_start_run()`;
  const enqueue = async () => {
    const [job] = await sql`select job_id from jobforge_enqueue_job(${acme}, 'test')`;
    return job!.job_id as string;
  };
  const claim = async () => {
    const [claimed] = await sql`select jobforge_claim_jobs(${run!.run_id}, 1) as jobs`;
    const { id, lease_token } = claimed!.jobs[0];
    const outcome = [{ id, lease_token, outcome: "succeeded", result: { sent: 1 } }];
    return () => sql`select jobforge_complete_jobs(${run!.run_id}, ${sql.json(outcome)})`;
  };
  const hintsOf = async (supabase: SupabaseClient, jobId?: string) => {
    const hints = new Hints(new Calls(supabase, undefined, true), jobId);
    hints.start();
    await until(() => hints.isLive);
    await hinted(hints); // the join itself
    return hints;
  };
  try {
    const supabase = await member(acme);
    await t.step("a change comes before the next poll would show it", async () => {
      const id = await enqueue();
      const hints = await hintsOf(supabase, id);
      const started = hinted(hints);
      const finish = await claim();
      await started;
      const ended = hinted(hints);
      await finish();
      await ended;
      assert.equal((await createJobForge(supabase).getJob(id)).status, "succeeded");
      hints.stop();
    });
    await t.step("a new job of the tenant comes too", async () => {
      const hints = await hintsOf(supabase);
      const enqueued = hinted(hints);
      await enqueue();
      await enqueued;
      await (await claim())();
      hints.stop();
    });
    await t.step("what is watched twice is left by the last", async () => {
      const id = await enqueue();
      const [first, second] = [await hintsOf(supabase, id), await hintsOf(supabase, id)];
      first.stop();
      const started = hinted(second);
      const finish = await claim();
      await started;
      second.stop();
      const again = await hintsOf(supabase, id);
      const ended = hinted(again);
      await finish();
      await ended;
      again.stop();
    });
    await t.step("another tenant gets no topic and no hint", async () => {
      const id = await enqueue();
      const theirs = new Hints(new Calls(await member(globex), undefined, true), id);
      theirs.start();
      const mine = await hintsOf(supabase, id);
      const started = hinted(mine);
      await (await claim())();
      await started;
      assert.equal(theirs.isLive, false);
      const watched = await sql`select from jobforge.watches where tenant_id = ${globex}`;
      assert.equal(watched.length, 0);
      theirs.stop();
      mine.stop();
    });
    for (const realtime of [true, false]) {
      await t.step(`watchJob yields each status (realtime: ${realtime})`, async () => {
        const id = await enqueue();
        const seen: unknown[] = [];
        const jobforge = createJobForge(supabase, { realtime });
        for await (const job of jobforge.watchJob(id, { signal: bound() })) {
          seen.push([job.status, job.result]);
          if (job.status === "queued") {
            const finish = await claim();
            setTimeout(() => void finish().execute(), 300);
          }
        }
        assert.deepEqual(seen, [["queued", null], ["running", null], ["succeeded", { sent: 1 }]]);
      });
    }
    await t.step("watchJobs yields a page that has changed", async () => {
      const jobforge = createJobForge(supabase, { realtime: true });
      const queued = { status: "queued" } as const;
      const counts: number[] = [];
      for await (const { jobs } of jobforge.watchJobs(queued, { signal: bound() })) {
        counts.push(jobs.length);
        if (counts.length === 1) await enqueue();
        else break;
      }
      assert.deepEqual(counts, [0, 1]);
    });
    await t.step("without Realtime in the project a client polls", async () => {
      await sql`drop policy jobforge_hints_restrict_all on realtime.messages`;
      const id = await enqueue();
      const jobforge = createJobForge(supabase, { realtime: true });
      const waiting = jobforge.waitForJob(id, { timeoutMs: 5_000 });
      await (await claim())();
      await (await claim())();
      assert.equal((await waiting).status, "succeeded");
    });
  } finally {
    await Promise.all(open.map((each) => each.removeAllChannels()));
    await sql.end();
    await stack.stop();
  }
});
