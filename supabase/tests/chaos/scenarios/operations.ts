import { join } from "node:path";
import { migrate } from "../../../../local/postgres/migrate.ts";
import { withNextRelease } from "../../../../local/schema/next_release.ts";
import { delay } from "../../../../local/system.ts";
import { EXPANDED } from "../../upgrade/next_release.ts";
import { Ledger } from "../ledger.ts";
import { require, type Scenario, several, tenant, untilHeld } from "../scenario.ts";
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
    fault: "an upgrade to a next release while jobs enter and run, its workers one behind",
    load: 5_000,
    async run(world, jobs) {
      return await withNextRelease([EXPANDED], async ({ sql }) => {
        const share = Math.ceil(jobs / 3);
        const entering = several(3, async () => {
          const tenantId = tenant();
          for (let made = 0; made < share; made += 50) {
            const batch = several(Math.min(50, share - made), () => ({ payload: { work_ms: 10 } }));
            await world.enqueue(tenantId, batch);
          }
        });
        await untilHeld(world);
        const lockTimeouts = await migrateTo(world, sql);
        await Promise.all(entering);
        await world.drain();
        const { repeated } = world.ledger;
        require(repeated === 0, `${repeated} enqueues were refused`);
        require(lockTimeouts === 0, `the migration got no lock ${lockTimeouts} times`);
        return "no enqueue was refused, and each lock was had within a second";
      });
    },
  },
];

/** Applies a migration as `db push` does, again when it got no lock. Returns how often. */
async function migrateTo({ databaseUrl }: World, text: string): Promise<number> {
  const migrations = await Deno.makeTempDir({ prefix: "jobforge-chaos-" });
  try {
    await Deno.writeTextFile(join(migrations, "99990101000000_next.sql"), text);
    for (let tries = 0;; tries++) {
      try {
        await migrate(databaseUrl, { migrations });
        return tries;
      } catch (error) {
        const { code } = ((error as Error).cause ?? {}) as { code?: string };
        if (code !== "55P03" || tries === 10) throw error;
      }
    }
  } finally {
    await Deno.remove(migrations, { recursive: true });
  }
}
