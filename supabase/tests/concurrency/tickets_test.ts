import assert from "node:assert/strict";
import { withDatabase } from "../../../local/test/test_database.ts";
import { enqueue, settleAndClaim, startRun, succeeded } from "./actors.ts";

Deno.test("of 20 redemptions of one ticket at once exactly one starts the run", async () => {
  await withDatabase(async ({ sql, open }) => {
    await sql`select from jobforge_setup('http://127.0.0.1:9')`;
    await enqueue(sql, crypto.randomUUID());
    const [call] = await sql`
      select convert_from(body, 'utf8')::jsonb as ticket from net.http_request_queue`;
    const { run_id, ticket } = call!.ticket;
    const answers = await Promise.allSettled(
      (await open(20)).map((each) => each`select jobforge_start_run(${run_id}, ${ticket})`),
    );
    assert.equal(answers.filter(({ status }) => status === "fulfilled").length, 1);
    for (const answer of answers) {
      if (answer.status === "rejected") assert.equal(answer.reason.detail, "ticket_refused");
    }
    const runs = await sql`select state from jobforge.runs`;
    assert.deepEqual(runs.map(({ state }) => state), ["live"]);
  });
});

Deno.test("of 20 reports of one attempt at once exactly one counts", async () => {
  await withDatabase(async ({ sql, open }) => {
    await enqueue(sql, crypto.randomUUID());
    const runId = await startRun(sql);
    const { jobs } = await settleAndClaim(sql, runId, [], 1);
    const replies = await Promise.all(
      (await open(20)).map((each) => settleAndClaim(each, runId, jobs.map(succeeded), 0)),
    );
    assert.equal(replies.reduce((sum, { settled }) => sum + settled, 0), 1);
    const [count] = await sql`
      select (select count(*)::int from jobforge_job_attempts) as attempts,
        (select count(*)::int from jobforge_job_results) as results`;
    assert.deepEqual(count, { attempts: 1, results: 1 });
  });
});
