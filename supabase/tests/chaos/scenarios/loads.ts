import { bringForward, held, require, type Scenario, several, tenant } from "../scenario.ts";
import type { World } from "../world.ts";

/** Milliseconds from due to the first start, of jobs of some tenants: half and 95 of 100. */
async function startLatency(world: World, tenants: string[], type = "chaos.effect") {
  const [row] = await world.sql`
    select percentile_disc(array[0.5, 0.95]) within group (
      order by (extract(epoch from started_at - created_at) * 1000)::int) as ms
    from public.jobforge_jobs
    where tenant_id = any (${tenants}) and type = ${type} and status = 'succeeded'`;
  const [p50, p95] = row!.ms as [number, number];
  return { p50, p95 };
}

async function poisonAmong(world: World, tenantId: string, each: number): Promise<void> {
  const poison = (kind: string) =>
    several(each, () => ({ type: "chaos.poison", payload: { kind } }));
  await world.enqueue(tenantId, poison("throws"), "dead");
  await world.enqueue(tenantId, poison("hangs"), "dead");
  await world.enqueue(tenantId, poison("huge"), "failed");
  await world.enqueue(tenantId, poison("nul"), "any");
  await world.enqueue(tenantId, several(each, () => ({ payload: { work_ms: "x" } })), "failed");
  // Each takes its process down three times: the jobs beside it must survive that.
  await world.enqueue(tenantId, poison("exits").slice(0, Math.ceil(each / 10)), "dead");
}

/** Loads that are faults in themselves. */
export const loads: Scenario[] = [
  {
    id: "C10",
    fault: "poison: throws, hangs, exits, NUL, 10 MB, bad payload, unknown type",
    load: 5_000,
    async run(world, jobs) {
      const [clean, good, bad] = several(3, tenant) as [string, string, string];
      const work = () => several(jobs, () => ({ payload: { work_ms: 5 } }));
      await world.enqueue(clean, work());
      await world.drain();
      await poisonAmong(world, bad, Math.max(2, Math.round(jobs / 100)));
      await world.enqueue(good, work());
      const unknown = await world.enqueue(bad, [{ type: "chaos.unknown" }], "canceled");
      await world.until("the end of all that can run", async () => {
        await world.dispatch();
        return await world.unfinished() === 1;
      });
      const args = { p_job_id: unknown[0], p_tenant_id: bad };
      // Workers without a handler claim it and put it off, again and again.
      await world.until("the unknown type to be put off", async () => {
        const { reason } = await (await world.rpc("jobforge_explain_job", args)).json();
        return reason === "type_unknown_to_workers" || reason === "scheduled";
      });
      await (await world.rpc("jobforge_cancel_job", args)).body?.cancel();
      const [row] = await world.sql`
        select max(attempts)::int as attempts, count(*)::int as jobs from public.jobforge_jobs
        where tenant_id = ${bad} and status = 'dead'`;
      require(row!.attempts === 3, `a poisoned job made ${row!.attempts} attempts`);
      const [before, after] = [
        await startLatency(world, [clean]),
        await startLatency(world, [good]),
      ];
      return `p95 of the good ${after.p95} ms, ${before.p95} ms without poison; ` +
        `${row!.jobs} dead after 3 attempts`;
    },
  },
  {
    id: "C11",
    fault: "everything due at one instant",
    load: 20_000,
    async run(world, jobs) {
      const due = Date.now() + 1_500 + jobs;
      const run_at = new Date(due).toISOString();
      const tenants = several(20, tenant);
      for (const tenantId of tenants) {
        await world.enqueue(tenantId, several(Math.ceil(jobs / 20), () => ({ run_at })));
      }
      await world.until("the instant", () => Date.now() >= due);
      await world.drain();
      const seconds = (Date.now() - due) / 1000;
      return `${Math.round(world.ledger.known.size / seconds)} jobs/s`;
    },
  },
  {
    id: "C12",
    fault: "a host answers 503 with Retry-After: 120",
    load: 2_000,
    least: 60,
    async run(world, jobs) {
      const { receiver, receiverProxy, sql } = world;
      const tenantId = tenant();
      const config = {
        ...{ hosts: ["127.0.0.1"], schemes: ["http"], ports: [receiverProxy.port] },
        ...{ methods: ["POST"] },
      };
      const args = { p_tenant_id: tenantId, p_connector: "connector.http.request" };
      const made = await world.rpc("jobforge_configure_connector", { ...args, p_config: config });
      require(made.ok, await made.text());
      const closed = { status: 503, headers: { "retry-after": "120" } };
      receiver.answer = () => new Response("busy", closed);
      const asked = Date.now();
      const payload = { url: `${receiverProxy.url}/`, method: "POST", body: "x" };
      const type = "connector.http.request";
      await world.enqueue(tenantId, several(jobs, () => ({ type, payload })));
      await world.until("every job to wait", async () => {
        await world.dispatch();
        const [row] = await sql`
          select count(*)::int as jobs from public.jobforge_jobs
          where tenant_id = ${tenantId} and scheduled`;
        return row!.jobs === jobs && await held(world) === 0;
      });
      const before = receiver.effects.length;
      const rows = await sql`
        select floor(extract(epoch from run_at))::bigint as second, count(*)::int as jobs
        from public.jobforge_jobs where tenant_id = ${tenantId} group by 1 order by 1`;
      const most = Math.max(...rows.map((row) => row.jobs));
      const firstMs = Number(rows[0]!.second) * 1000 + 1000 - asked;
      require(firstMs >= 119_000, `a job comes back after ${firstMs} ms`);
      receiver.answer = () => new Response("ok");
      await sql`delete from jobforge.closed_hosts where tenant_id = ${tenantId}`;
      await bringForward(world);
      await world.drain();
      return `${before} requests before all ${jobs} waited; back over ${rows.length} s, ` +
        `at most ${(100 * most / jobs).toFixed(1)} % in one second`;
    },
  },
  {
    id: "C13",
    fault: "one tenant floods, another has ten jobs",
    load: 20_000,
    least: 400,
    async run(world, jobs) {
      const [noisy, quiet] = [tenant(), tenant()];
      await world.enqueue(noisy, several(jobs, () => ({ payload: { work_ms: 20 } })));
      await world.enqueue(quiet, several(10, () => ({ payload: { work_ms: 20 } })));
      let left = 0;
      await world.until("the end of the quiet tenant's jobs", async () => {
        await world.dispatch();
        const [row] = await world.sql`
          select count(*) filter (where tenant_id = ${quiet})::int as quiet,
            count(*) filter (where tenant_id = ${noisy})::int as noisy
          from jobforge.jobs
          where tenant_id in (${quiet}, ${noisy}) and status is null`;
        left = row!.noisy;
        return row!.quiet === 0;
      });
      require(left > 0, "the quiet tenant had to wait for the noisy one");
      await world.drain();
      const { p95 } = await startLatency(world, [quiet]);
      return `the ten started within ${p95} ms (p95) and ended with ${left} of ${jobs} left`;
    },
  },
];
