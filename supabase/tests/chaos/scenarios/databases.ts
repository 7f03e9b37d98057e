import { delay } from "../../../../local/system.ts";
import { held, require, type Scenario, several, tenant, untilHeld } from "../scenario.ts";
import { freeze, thaw } from "../workers.ts";
import { restartApi, type World } from "../world.ts";

/** How many connections C16 leaves to the Data API. */
const CONNECTIONS = 3;

/**
 * Restarts a Data API that has lost its connections, as a platform's health check would.
 * postgres.js keeps a `reserve()` whose connection was refused in its queue. It hands the next
 * connection to that caller, who is gone, and never uses it again.
 */
function superviseApi(world: World): { restarts: number; stop(): Promise<void> } {
  let stopped = false;
  const supervisor = {
    restarts: 0,
    async stop() {
      stopped = true;
      await watching;
    },
  };
  const watching = (async () => {
    while (!stopped) {
      await delay(500);
      const [row] = await world.sql`
        select count(*)::int as connections from pg_stat_activity
        where usename = 'authenticator' and state = 'idle'
          and state_change < now() - interval '5 seconds'`;
      if (stopped || row!.connections < CONNECTIONS) continue;
      supervisor.restarts++;
      await restartApi(world);
    }
  })();
  // What it throws, `stop` throws.
  watching.catch(() => {});
  return supervisor;
}

/** Faults of the database. */
export const databases: Scenario[] = [
  {
    id: "C3",
    fault: "database crashes while jobs come in and run (immediate stop)",
    load: 20_000,
    async run(world, jobs) {
      const { random } = world;
      const tenants = several(2, tenant);
      const crashes = Math.min(5, Math.max(2, Math.round(jobs / 400)));
      const step = Math.ceil(jobs / 20);
      const entering = (async () => {
        for (let made = 0; made < jobs; made += step) {
          const share = Math.min(step, jobs - made);
          const batch = several(share, () => ({ payload: { work_ms: random.int(0, 20) } }));
          await world.enqueue(random.pick(tenants), batch);
          await delay(100);
        }
      })();
      for (let crash = 0; crash < crashes; crash++) {
        await delay(random.int(200, 900));
        await world.crashDatabase();
      }
      await entering;
      await world.drain();
      return `${crashes} crashes, ${world.ledger.repeated} enqueues repeated`;
    },
  },
  {
    id: "C4",
    fault: "database crashes between claim and report",
    load: 100,
    async run(world, jobs) {
      await world.enqueue(tenant(), several(jobs, () => ({ payload: { work_ms: 700 } })));
      await untilHeld(world);
      for (const worker of world.fleet.workers) freeze(worker);
      const inHand = await held(world);
      await world.crashDatabase();
      for (const worker of world.fleet.workers) thaw(worker);
      await world.drain();
      return `${inHand} jobs were held, ${await held(world)} still are`;
    },
  },
  {
    id: "C16",
    fault: "no free connections: 3 for the Data API, 8 runs",
    load: 2_000,
    async run(world, jobs) {
      const { sql } = world;
      await sql`alter role authenticator connection limit ${sql.unsafe(String(CONNECTIONS))}`;
      await restartApi(world);
      const supervisor = superviseApi(world);
      try {
        const four = several(4, tenant).map((tenantId) =>
          world.enqueue(tenantId, several(Math.ceil(jobs / 4), () => ({})))
        );
        await Promise.all(four);
        await world.drain();
      } finally {
        await supervisor.stop();
        await sql`alter role authenticator connection limit -1`;
        await restartApi(world);
      }
      return `${world.ledger.repeated} enqueues repeated, ` +
        `${supervisor.restarts} restarts of the Data API`;
    },
  },
  {
    id: "C17",
    fault: "a table locked, and rows held by a long transaction",
    load: 1_000,
    async run(world, jobs) {
      const { sql } = world;
      const tenantId = tenant();
      const work = { payload: { work_ms: 20 } };
      await world.enqueue(tenantId, several(Math.ceil(jobs / 2), () => work));
      await untilHeld(world);
      await sql.begin(async (transaction) => {
        await transaction`lock table jobforge.jobs in access exclusive mode`;
        await delay(4_000);
      });
      await world.enqueue(tenantId, several(Math.floor(jobs / 2), () => work));
      await sql.begin(async (transaction) => {
        await transaction`
          select from jobforge.jobs where tenant_id = ${tenantId} and status is null
          limit 50 for update`;
        await transaction`select from jobforge.queues where tenant_id = ${tenantId} for update`;
        await delay(3_000);
      });
      await world.drain();
      return "4 s of table lock, 3 s of row locks";
    },
  },
  {
    id: "C20",
    fault: "the database only reads",
    load: 500,
    async run(world, jobs) {
      const { api, sql } = world;
      const tenantId = tenant();
      await world.enqueue(tenantId, several(jobs, () => ({ payload: { work_ms: 100 } })));
      await untilHeld(world);
      await readOnly(world, true);
      const body = JSON.stringify({ tenant_id: tenantId, type: "system.noop", payload: {} });
      const headers = { "content-type": "application/json", apikey: api.secretKey };
      const url = `${api.url}/functions/v1/enqueue`;
      const reply = await fetch(url, { method: "POST", headers, body });
      await reply.body?.cancel();
      await delay(4_000);
      await readOnly(world, false);
      require(reply.status === 503, `enqueue answered ${reply.status}`);
      require(reply.headers.has("retry-after"), "without Retry-After");
      await world.drain();
      return `enqueue answered ${reply.status}, Retry-After ${reply.headers.get("retry-after")}`;

      async function readOnly({ sql: admin }: World, on: boolean): Promise<void> {
        await admin.unsafe(`alter system set default_transaction_read_only = ${on ? "on" : "off"}`);
        await sql`select pg_reload_conf()`;
        await delay(200);
      }
    },
  },
];
