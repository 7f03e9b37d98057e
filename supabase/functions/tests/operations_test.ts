import assert from "node:assert/strict";
import { ACME, eventually, GLOBEX, onStage, type Stage } from "./stage.ts";

async function asUser(stage: Stage, tenantId: string, name: string, args: unknown) {
  const headers = { "content-type": "application/json", ...await stage.user(tenantId) };
  return await fetch(`${stage.stack.url}/rest/v1/rpc/${name}`, {
    ...{ method: "POST", headers, body: JSON.stringify(args) },
  });
}

Deno.test("the worker fills a user's schedule, and the dispatcher enqueues its jobs", () =>
  onStage(async (stage) => {
    const made = await asUser(stage, ACME, "jobforge_configure_schedule", {
      p_name: "nightly",
      p_settings: {
        ...{ type: "system.probe", payload: { echo: "night" } },
        ...{ expression: "30 3 * * *", time_zone: "Europe/Berlin" },
      },
    });
    assert.equal(made.status, 200);
    const [{ id }] = await made.json();
    const next = await eventually("the calendar", async () => {
      const args = { p_schedule_id: id, p_count: 3 };
      const reply = await asUser(stage, ACME, "jobforge_next_occurrences", args);
      const runs = await reply.json() as string[];
      return runs.length > 0 ? runs : undefined;
    });
    assert.deepEqual(
      next.map((at) =>
        new Date(at).toLocaleTimeString("en-GB", { timeZone: "Europe/Berlin" }).slice(0, 5)
      ),
      ["03:30", "03:30", "03:30"],
    );

    await stage.sql`
      update jobforge.occurrences set due_at = now() - interval '5 seconds'
      where (schedule_id, due_at) = (
        select schedule_id, min(due_at) from jobforge.occurrences group by schedule_id)`;
    await stage.sql`
      update public.jobforge_schedules set next_at = now() - interval '5 seconds' where id = ${id}`;
    await Promise.all(
      Array.from(
        { length: 5 },
        () => stage.sql`select jobforge.fire_schedules(clock_timestamp(), 100)`,
      ),
    );
    await eventually("its job", async () => {
      const [row] = await stage.sql`
        select count(*)::int as jobs from public.jobforge_jobs
        where tenant_id = ${ACME} and type = 'system.probe' and status = 'succeeded'`;
      return row!.jobs === 1 || undefined;
    });
    const [schedule] = await stage.sql`select started::int from public.jobforge_schedules`;
    assert.equal(schedule!.started, 1);
  }));

Deno.test("system.cleanup deletes the old jobs of its own tenant", () =>
  onStage(async (stage) => {
    for (const tenantId of [ACME, GLOBEX]) {
      const jobs = stage.jobs(tenantId);
      const made = await jobs.enqueueJobs(
        Array.from({ length: 20 }, () => ({ type: "system.noop", payload: {} }) as const),
      );
      for (const job of made) await jobs.waitForJob(job, { timeoutMs: 30_000 });
    }
    await stage.sql`
      update jobforge.jobs set finished_at = now() - interval '10 days', id = (
        '018f0000-0000-7000-' || right(id::text, 17))::uuid
      where id not in (select max(id::text)::uuid from jobforge.jobs group by tenant_id)`;
    const cleanup = await (await stage.userJobs(ACME)).enqueueJob("system.cleanup", {
      ...{ retention_days: 7, statuses: ["succeeded"] },
    });
    const done = await stage.jobs().waitForJob(cleanup, { timeoutMs: 30_000 });
    assert.deepEqual(done.result, { deleted: 19 });
    const left = await stage.sql`
      select tenant_id, count(*)::int as jobs from public.jobforge_jobs
      where type = 'system.noop' group by 1 order by 1`;
    assert.deepEqual(left.map((row) => row.jobs), [1, 20]);
  }));
