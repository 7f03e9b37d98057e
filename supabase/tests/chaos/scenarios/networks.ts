import { delay } from "../../../../local/system.ts";
import { type ProxyMode, startProxy } from "../proxy.ts";
import { bringForward, held, require, type Scenario, several, tenant } from "../scenario.ts";
import type { World } from "../world.ts";

const FAULTS: [ProxyMode, number][] = [
  [{ kind: "refuse" }, 2_000],
  // Longer than a call of the worker waits.
  [{ kind: "hole" }, 11_000],
  [{ kind: "slow", ms: 1_500 }, 4_000],
  [{ kind: "cut", bytes: 700 }, 2_000],
];

async function configure(world: World, tenantId: string, name: string): Promise<void> {
  const secret = `whsec_${btoa("k".repeat(32))}`;
  const args = { p_tenant_id: tenantId, p_name: name, p_value: secret };
  await (await world.rpc("jobforge_set_secret", args)).body?.cancel();
  const made = await world.rpc("jobforge_configure_connector", {
    ...{ p_tenant_id: tenantId, p_connector: "connector.webhook.deliver", p_name: name },
    ...{ p_config: { url: `${world.receiverProxy.url}/in` }, p_secret_refs: [`vault:${name}`] },
  });
  const text = await made.text();
  require(made.ok, text);
}

/** Faults between the parts. */
export const networks: Scenario[] = [
  {
    id: "C5",
    fault: "worker and database apart: refused, silent, slow, cut",
    load: 5_000,
    async run(world, jobs) {
      const tenantId = tenant();
      for (const [mode, ms] of FAULTS) {
        const share = Math.ceil(jobs / FAULTS.length);
        await world.enqueue(tenantId, several(share, () => ({ payload: { work_ms: 20 } })));
        await world.until("jobs that run", async () => {
          await world.dispatch();
          return await held(world) > 0 || await world.unfinished() === 0;
        });
        for (const { proxy } of world.fleet.workers) proxy.set(mode);
        await delay(ms);
        for (const { proxy } of world.fleet.workers) proxy.set({ kind: "pass" });
      }
      await world.drain();
      const [row] = await world.sql`
        select coalesce(ceil(max(extract(epoch from ended_at - started_at))), 0)::int as seconds
        from jobforge.runs where state = 'finished'`;
      require(row!.seconds <= 60, `a run lived for ${row!.seconds} s`);
      return `longest run ${row!.seconds} s of 60`;
    },
  },
  {
    id: "C6",
    fault: "answers lost after the commit",
    load: 500,
    async run(world, jobs) {
      const tenantId = tenant();
      const lossy = startProxy(Number(new URL(world.api.url).port));
      const half = Math.ceil(jobs / 2);
      for (let index = 0; index < half; index++) {
        const kind = index % 4 < 2 ? "lose" : "pass";
        for (const { proxy } of world.fleet.workers) proxy.set({ kind });
        lossy.set({ kind: "lose" });
        const made = world.enqueue(tenantId, [{ payload: { work_ms: 5 } }], "succeeded", lossy.url);
        const before = lossy.lost;
        await world.until("an answer to lose", () => lossy.lost > before);
        lossy.set({ kind: "pass" });
        await made;
      }
      lossy.set({ kind: "lose" });
      for (let index = 0; index < half; index++) {
        const key = `unknown-${index}`;
        world.ledger.unknown.add(`${tenantId} ${key}`);
        const job = { p_tenant_id: tenantId, p_type: "chaos.effect", p_idempotency_key: key };
        await world.rpc("jobforge_enqueue_job", job, lossy.url).catch(() => {});
      }
      const lostEnqueues = lossy.lost;
      await lossy.stop();
      for (const { proxy } of world.fleet.workers) proxy.set({ kind: "pass" });
      await world.drain();
      const lostReports = world.fleet.workers.reduce((sum, { proxy }) => sum + proxy.lost, 0);
      const [row] = await world.sql`
        select count(*)::int as jobs from public.jobforge_jobs where tenant_id = ${tenantId}`;
      require(row!.jobs === 2 * half, `${row!.jobs} jobs of ${2 * half} enqueues`);
      return `${lostEnqueues} answers to enqueues and ${lostReports} to workers lost`;
    },
  },
  {
    id: "C15",
    fault: "a receiver dies after the effect, before its answer",
    load: 300,
    async run(world, jobs) {
      const tenantId = tenant();
      await configure(world, tenantId, "orders");
      world.receiverProxy.set({ kind: "lose" });
      const payload = { destination: "orders", event_type: "order.paid", data: { n: 1 } };
      const type = "connector.webhook.deliver";
      await world.enqueue(tenantId, several(jobs, () => ({ type, payload })));
      await world.until("every first delivery", async () => {
        await world.dispatch();
        const ids = new Set(world.receiver.effects.map((effect) => effect.job));
        return ids.size === jobs && await held(world) === 0;
      });
      world.receiverProxy.set({ kind: "pass" });
      await bringForward(world);
      await world.drain();
      const perId = [...Map.groupBy(world.receiver.effects, (effect) => effect.job).values()];
      const twice = perId.filter((list) => list.length >= 2).length;
      require(perId.length === jobs && twice === jobs, `${twice} of ${jobs} came twice`);
      return `${twice} delivered again under the same webhook-id`;
    },
  },
];
