import assert from "node:assert/strict";
import type { Sql } from "../../../local/postgres/database.ts";
import { withDatabase } from "../../../local/test/test_database.ts";
import { type ClaimedJob, enqueue, settleAndClaim, startRun } from "./actors.ts";
import { calls, clearStages, endRun, setStage, sqlOf, type Stage, withoutCall } from "./stage.ts";

/** Calls of the run itself, whose row they lock. */
const OF_THE_RUN = [
  "claim_jobs",
  "complete_jobs",
  "finish_run",
  "heartbeat",
  "release_jobs",
  "settle_and_claim",
];

/** What others may wait for a call whose transaction stays open, with room for a busy machine. */
const PATIENCE_MS = 1500;

Deno.test("no open transaction of a call holds up another", async (t) => {
  await withDatabase(async ({ sql, open }) => {
    await sql`select from jobforge_setup('http://127.0.0.1:9', 4)`;
    assert.deepEqual(await withoutCall(sql), [], "every public function has its call");
    const [holder, ...others] = await open(12);
    for (const each of others) await each`set statement_timeout = ${sql.unsafe(`${PATIENCE_MS}`)}`;
    for (const name of Object.keys(calls(await setStage(sql)))) {
      await t.step(name, async () => {
        const stage = await setStage(sql);
        const bystander = await setStage(sql);
        // Starts of runs pass one by one, in short transactions of workers.
        const run = await startRun(sql);
        await holder!`begin`;
        await hold(holder!, name, stage);
        try {
          assert.deepEqual(await goOn(others, stage, bystander, run), []);
          if (!OF_THE_RUN.includes(name)) {
            const { settled } = await settleAndClaim(others[8]!, stage.run, [{
              ...stage.running,
              outcome: "succeeded",
            }], 5);
            assert.equal(settled, 1, "the job of the same tenant that runs ends");
          }
        } finally {
          await holder!`rollback`;
          await clearStages(sql, stage, bystander);
          await endRun(sql, run);
        }
      });
    }
  });
});

async function hold(holder: Sql, name: string, stage: Stage): Promise<void> {
  await holder`savepoint call`;
  try {
    await holder.unsafe(`select * from ${sqlOf(name, calls(stage)[name]!)}`);
  } catch (error) {
    // A refusal holds what it took until the transaction ends, unless a savepoint undoes it.
    if (name !== "readmit_tenant") throw error;
    await holder`rollback to call`;
  }
  await holder`set constraints all immediate`;
}

/** Everything that others do, each on a connection of its own. Returns what did not succeed. */
async function goOn(
  connections: Sql[],
  stage: Stage,
  bystander: Stage,
  run: string,
): Promise<{ work: string; problem: string }[]> {
  const [user, second, neighbor, worker, dispatcher, operator, batch, webhook] = connections;
  const [publisher, deliverer] = connections.slice(9);
  const own = (job: ClaimedJob) => ({ ...job, outcome: "succeeded" as const });
  const work: Record<string, () => PromiseLike<unknown>> = {
    "the tenant enqueues": () => user!`select from jobforge_enqueue_job(${stage.tenant}, 'test')`,
    "the tenant enqueues a batch": () => enqueue(batch!, stage.tenant, 20),
    "a user lists jobs": () => second!`select jobforge_list_jobs(${stage.tenant})`,
    "the tenant publishes": () =>
      publisher!`select from jobforge_publish(${stage.tenant}, 'order.paid', '{}', 'event-2')`
        .then(() => publisher!`select from jobforge_list_destinations(${stage.tenant})`)
        .then(() => publisher!`select jobforge.prune_messages(now(), 100)`),
    "a worker delivers": () =>
      deliverer!`select jobforge_open_delivery(${stage.tenant}, 'orders', ${stage.delivery},
        ${stage.message})`.then(() =>
        deliverer!`select jobforge_report_delivery(${stage.tenant}, ${stage.destination},
          ${stage.delivery}, 503)`
      ).then(() => deliverer!`select jobforge.check_destinations(now())`),
    "another tenant enqueues": () => enqueue(neighbor!, bystander.tenant, 1),
    "a run settles and claims": () =>
      settleAndClaim(worker!, bystander.run, [own(bystander.running)], 5).then(() =>
        settleAndClaim(worker!, run, [], 50)
      ).then(() => worker!`select jobforge_heartbeat(${run})`)
        .then(() => worker!`select jobforge_finish_run(${run}, 'drained')`),
    "a dispatch": () => dispatcher!`select jobforge_dispatch()`,
    "an erasure": () => operator!`select jobforge_erase_tenant(${crypto.randomUUID()})`,
    "a webhook": () =>
      webhook!`select jobforge_receive_webhook(${bystander.connector}, 'event-2', '{}')`,
  };
  const outcomes = await Promise.allSettled(Object.values(work).map((begin) => begin()));
  return outcomes.flatMap((outcome, index) =>
    outcome.status === "fulfilled"
      ? []
      : [{ work: Object.keys(work)[index]!, problem: String(outcome.reason) }]
  );
}
