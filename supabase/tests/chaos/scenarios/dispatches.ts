import { attemptsIn, require, type Scenario, several, silence, tenant } from "../scenario.ts";
import { freeze } from "../workers.ts";

/** Faults of clocks and of what wakes the worker. */
export const dispatches: Scenario[] = [
  {
    id: "C7",
    fault: "25 dispatches and 25 calls to the worker at once",
    load: 1_000,
    async run(world, jobs) {
      const { api, fleet, sql } = world;
      const tenants = several(4, tenant);
      fleet.reachable = false;
      for (const tenantId of tenants) {
        await world.enqueue(tenantId, several(Math.ceil(jobs / 4), () => ({})));
      }
      fleet.reachable = true;
      await Promise.all(several(25, async () => {
        await world.dispatch();
        const call = { method: "POST", headers: { apikey: api.secretKey } };
        await (await fetch(`${fleet.url}/functions/v1/worker`, call)).body?.cancel();
      }));
      await world.drain();
      const rows = await sql`
        select id from public.jobforge_jobs
        where tenant_id = any (${tenants}) and attempts <> 1`;
      const starts = world.receiver.effects.length;
      require(rows.length === 0 && starts === world.ledger.known.size, "a job was claimed twice");
      return `${starts} starts of ${world.ledger.known.size} jobs`;
    },
  },
  {
    id: "C8",
    fault: "no dispatch and no call for ten minutes, then one dispatch",
    load: 1_000,
    async run(world, jobs) {
      const { fleet, sql } = world;
      await sql`update cron.job set active = false where jobname = 'jobforge-dispatch'`;
      await silence(world);
      fleet.reachable = false;
      await world.enqueue(tenant(), several(jobs, () => ({})));
      await sql`
        update jobforge.runs set created_at = created_at - interval '10 minutes'
        where state = 'pending'`;
      await new Promise((resolve) => setTimeout(resolve, 1_500));
      const waiting = await world.unfinished();
      fleet.reachable = true;
      await world.dispatch();
      await world.until(
        "the end of all, without another dispatch",
        async () => await world.unfinished() === 0,
      );
      await sql`update cron.job set active = true where jobname = 'jobforge-dispatch'`;
      return `${waiting} waited, one dispatch`;
    },
  },
  {
    id: "C9",
    fault: "two of four workers ten minutes ahead and behind",
    load: 500,
    async run(world, jobs) {
      const { fleet, random } = world;
      const due = new Date(Date.now() + 3_000).toISOString();
      const kinds = [
        () => ({ payload: { work_ms: random.int(20, 200) } }),
        () => ({ payload: { fail_attempts: 2 } }),
        () => ({ payload: { fail_attempts: 1, retry_after_ms: 700 } }),
        () => ({ run_at: due }),
      ];
      const [right, ahead, behind, alsoRight] = fleet.workers;
      for (const worker of [right!, alsoRight!]) freeze(worker);
      await silence(world);
      await world.enqueue(tenant(), several(jobs, (index) => kinds[index % kinds.length]!()));
      await world.drain();
      const wrongRuns = [ahead!, behind!].flatMap(({ runs }) => [...runs.keys()]);
      const attempts = await attemptsIn(world, wrongRuns);
      require(attempts > jobs, `only ${attempts} attempts under a wrong clock`);
      return `${attempts} attempts, all under a wrong clock`;
    },
  },
];
