import { delay } from "../../../../local/system.ts";
import { attemptsIn, held, require, type Scenario } from "../scenario.ts";
import { several, tenant, untilHeld } from "../scenario.ts";
import { end, freeze, thaw } from "../workers.ts";

/** Faults of the worker's processes. */
export const processes: Scenario[] = [
  {
    id: "C1",
    fault: "workers killed while they work (SIGKILL)",
    load: 10_000,
    async run(world, jobs) {
      const { random, fleet } = world;
      const tenants = several(3, tenant);
      const kills = Math.min(30, Math.max(3, Math.round(jobs / 60)));
      let killed = 0;
      for (let round = 0; round < kills; round++) {
        const share = Math.floor(jobs * (round + 1) / kills) - Math.floor(jobs * round / kills);
        const batch = several(share, () => ({ payload: { work_ms: random.int(0, 30) } }));
        await world.enqueue(random.pick(tenants), batch);
        await world.until("something to kill", async () => {
          await world.dispatch();
          return await held(world) > 0 || await world.unfinished() === 0;
        });
        await delay(random.int(0, 60));
        const busy = fleet.workers.filter((worker) => worker.process.pid !== undefined);
        if (busy.length > 0 && await end(random.pick(busy))) killed++;
        await world.dispatch();
      }
      await world.drain();
      const [row] = await world.sql`
        select count(*)::int as attempts from public.jobforge_job_attempts
        where tenant_id = any (${tenants}) and outcome = 'lease_expired'`;
      const { effects } = world.receiver;
      const twice = effects.length - new Set(effects.map((effect) => effect.job)).size;
      require(twice <= row!.attempts, `${twice} effects twice, ${row!.attempts} attempts cut off`);
      return `${killed} kills, ${row!.attempts} attempts died with them`;
    },
  },
  {
    id: "C2",
    fault: "a worker frozen past its lease comes back (SIGSTOP, SIGCONT)",
    load: 200,
    async run(world, jobs) {
      const tenantId = tenant();
      await world.enqueue(tenantId, several(jobs, () => ({ payload: { work_ms: 600 } })));
      let zombie = world.fleet.workers[0]!;
      await world.until("a worker that holds jobs", async () => {
        await world.dispatch();
        for (const worker of world.fleet.workers) {
          zombie = worker;
          if (await held(world, [...worker.runs.keys()]) > 0) return true;
        }
        return false;
      });
      const runs = freeze(zombie);
      const inHand = await held(world, runs);
      require(inHand > 0, "the frozen worker held nothing");
      await world.expire(runs);
      await world.drain();
      const [{ now } = { now: "" }] = await world.sql`select now()::text as now`;
      thaw(zombie);
      await world.until("the zombie to stop", () => {
        const lines = world.fleet.logs().filter((line) => line.includes('"run_ended"'));
        return runs.some((id) => lines.some((line) => new RegExp(`"run_id":${id}\\b`).test(line)));
      });
      const late = await attemptsIn(world, runs, now);
      require(late === 0, `${late} outcomes of a zombie were accepted`);
      return `${inHand} jobs in its hands, ${late} late outcomes accepted`;
    },
  },
  {
    id: "C14",
    fault: "workers told to stop while they work (SIGTERM)",
    load: 200,
    async run(world, jobs) {
      const tenantId = tenant();
      await world.enqueue(tenantId, several(jobs, () => ({ payload: { work_ms: 300 } })));
      await untilHeld(world);
      const ends = world.fleet.workers.map((worker) => end(worker, "SIGTERM"));
      const ended = (await Promise.all(ends)).filter(Boolean).length;
      await world.drain();
      const starts = Map.groupBy(world.receiver.effects, (effect) => effect.job);
      const rows = await world.sql`
        select id, attempts from public.jobforge_jobs where tenant_id = ${tenantId}`;
      const burned = rows.filter((row) => row.attempts > (starts.get(row.id)?.length ?? 0));
      require(burned.length === 0, `${burned.length} attempts were spent without a start`);
      return `${ended} workers stopped, ${burned.length} attempts spent without a start`;
    },
  },
];
