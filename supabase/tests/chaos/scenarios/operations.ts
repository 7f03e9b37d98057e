import { delay } from "../../../../local/system.ts";
import { Ledger } from "../ledger.ts";
import { require, type Scenario, several, tenant } from "../scenario.ts";
import type { World } from "../world.ts";

/** What operators and users do while jobs run. */
export const operations: Scenario[] = [
  {
    id: "C18",
    fault: "cancels race completions",
    load: 1_000,
    async run(world, jobs) {
      const tenantId = tenant();
      const ids: string[] = [];
      const answers = new Map<string, string>();
      for (let from = 0; from < jobs; from += 50) {
        const batch = several(Math.min(50, jobs - from), () => ({
          payload: { work_ms: world.random.int(0, 30) },
        }));
        const made = await world.enqueue(tenantId, batch, "any");
        ids.push(...made);
        await world.until("one of them to run", async () => {
          await world.dispatch();
          const [row] = await world.sql`
            select count(*)::int as jobs from public.jobforge_jobs
            where tenant_id = ${tenantId} and id = any (${made}) and status <> 'queued'`;
          return row!.jobs > 0;
        });
        await Promise.all(made.map(async (id) => {
          await delay(world.random.int(0, 150));
          const args = { p_job_id: id, p_tenant_id: tenantId };
          const reply = await world.rpc("jobforge_cancel_job", args);
          const body = await reply.json();
          answers.set(id, reply.ok ? body[0].status : body.details);
        }));
      }
      await world.drain();
      const rows = await world.sql`
        select id, status from public.jobforge_jobs where tenant_id = ${tenantId}`;
      const won = rows.filter((row) => row.status === "canceled");
      // A running job is asked to stop. An outcome that is on its way then still counts.
      const disagree = rows.filter((row) => {
        const answer = answers.get(row.id);
        return answer !== "running" && (row.status === "canceled") !== (answer === "canceled");
      });
      require(disagree.length === 0, `${disagree.length} answers disagree with the job's state`);
      const late = rows.filter((row) =>
        row.status !== "canceled" && answers.get(row.id) === "running"
      );
      return `${won.length} cancels won, ${ids.length - won.length} lost, ` +
        `of which ${late.length} were requested too late`;
    },
  },
  {
    id: "C19",
    fault: "cleanup twice a second while jobs run",
    load: 10_000,
    async run(world, jobs) {
      const tenantId = tenant();
      const old = Math.ceil(jobs / 2);
      await world.enqueue(tenantId, several(old, () => ({ type: "system.noop" })));
      await world.drain();
      await world.sql`
        update jobforge.jobs set finished_at = now() - interval '10 days', id = (
          '018f0000-0000-7000-' || right(id::text, 17))::uuid
        where tenant_id = ${tenantId}`;
      world.ledger = new Ledger();
      const entering = (async () => {
        for (let made = 0; made < jobs; made += 50) {
          const share = Math.min(50, jobs - made);
          await world.enqueue(tenantId, several(share, () => ({ payload: { work_ms: 10 } })));
        }
      })();
      let deleted = 0;
      for (let isOver = false; !isOver;) {
        await world.dispatch();
        isOver = deleted >= old && await world.unfinished() === 0 &&
          world.ledger.known.size === jobs;
        const reply = await world.rpc("jobforge_cleanup", {
          ...{ p_tenant_id: tenantId, p_retention_days: 7, p_limit: 100 },
          p_statuses: ["succeeded", "failed", "dead", "canceled"],
        });
        const body = await reply.json();
        require(reply.ok, JSON.stringify(body));
        deleted += body.deleted;
        await delay(500);
      }
      await entering;
      require(deleted === old, `${deleted} of ${old} old jobs were deleted`);
      return `${deleted} old jobs deleted`;
    },
  },
  {
    id: "C21",
    fault: "an upgrade while jobs run: every function anew, a column, an index",
    load: 5_000,
    async run(world, jobs) {
      const tenants = several(3, tenant);
      for (const tenantId of tenants) {
        const batch = several(Math.ceil(jobs / 3), () => ({ payload: { work_ms: 10 } }));
        await world.enqueue(tenantId, batch);
      }
      await world.dispatch();
      let waitedMs = 0;
      for (let round = 0; round < 3; round++) {
        await delay(200);
        waitedMs = Math.max(waitedMs, await upgrade(world));
      }
      await world.drain();
      await world.sql`alter table jobforge.jobs drop column if exists chaos_note`;
      require(waitedMs < 3_000, `the upgrade waited ${waitedMs} ms for locks`);
      return `longest wait for a lock ${waitedMs} ms`;
    },
  },
];

/** As a migration would: one transaction that gives way when a lock takes too long. */
async function upgrade(world: World): Promise<number> {
  for (let tries = 0; tries < 10; tries++) {
    try {
      return await world.sql.begin(async (transaction) => {
        await transaction`set local lock_timeout = '3s'`;
        const started = performance.now();
        await transaction`
          alter table jobforge.jobs add column if not exists chaos_note text`;
        const waitedMs = Math.round(performance.now() - started);
        await transaction`
          create index if not exists jobs_chaos_idx on jobforge.jobs (chaos_note)
          where chaos_note is not null`;
        await transaction`
          do $$
          declare v_definition text;
          begin
            for v_definition in
              select pg_get_functiondef(p.oid) from pg_proc as p
              where p.pronamespace in ('jobforge'::regnamespace, 'public'::regnamespace)
                and p.prokind = 'f' and p.proname ~ '^(jobforge_)?[a-z_]+$'
                and (p.pronamespace = 'jobforge'::regnamespace or p.proname like 'jobforge_%')
            loop
              execute v_definition;
            end loop;
          end $$`;
        return waitedMs;
      });
    } catch (error) {
      if ((error as { code?: string }).code !== "55P03") throw error;
      await delay(200);
    }
  }
  throw new Error("the upgrade found no moment without long locks");
}
