import { connect, type Sql } from "../../../local/postgres/database.ts";
import { databaseUrlOf } from "../../../local/stack/stack_database.ts";
import { delay } from "../../../local/system.ts";
import { type Api, startApi } from "./api.ts";
import { callRpc, enqueue, insist, type NewJob } from "./clients.ts";
import { startCrashableCluster } from "./cluster.ts";
import { type Expectation, Ledger } from "./ledger.ts";
import { type Proxy, startProxy } from "./proxy.ts";
import { Random } from "../fixtures/random.ts";
import { type Receiver, startReceiver } from "./receiver.ts";
import { giveUp } from "./situation.ts";
import { type Fleet, startFleet, thaw } from "./workers.ts";

/** Everything a scenario may break, and what it uses to do so. */
export interface World {
  api: Api;
  /** As the superuser, past every proxy, replaced after a crash. */
  sql: Sql;
  /** Connection URL of the role that owns JobForge. */
  databaseUrl: string;
  fleet: Fleet;
  receiver: Receiver;
  /** The way of connectors to the receiver. */
  receiverProxy: Proxy;
  random: Random;
  /** What this scenario's clients saw. */
  ledger: Ledger;
  /** Calls an RPC with the secret key; `url` is another way to the Data API. */
  rpc(name: string, args: unknown, url?: string): Promise<Response>;
  /** Enqueues in batches under idempotency keys, again and again until each is answered. */
  enqueue(
    tenantId: string,
    jobs: NewJob[],
    expected?: Expectation,
    url?: string,
  ): Promise<string[]>;
  /** Makes the database crash and recover. */
  crashDatabase(): Promise<void>;
  /** Stores the address of the workers. A stack that starts stores another one. */
  setUp(): Promise<void>;
  /** Ends the leases of runs now, instead of 45 seconds after their last call. */
  expire(runIds: number[]): Promise<void>;
  /** Ends the leases of ended processes and calls the dispatcher, now. */
  dispatch(): Promise<void>;
  /** How the last call of the dispatcher ended. */
  lastDispatch: string;
  /** How many jobs of the ledger have not ended. */
  unfinished(): Promise<number>;
  /** Dispatches until everything in the ledger has ended. Throws after `limitMs`. */
  drain(limitMs?: number): Promise<void>;
  /** Waits until `check` holds, for `limitMs` or a minute. */
  until(what: string, check: () => Promise<boolean> | boolean, limitMs?: number): Promise<void>;
  stop(): Promise<void>;
}

const DISPATCH_MS = 250;
const DRAIN_MS = 120_000;

/** Starts Postgres, the stack, four workers behind proxies, and a receiver of effects. */
export async function startWorld(seed: number): Promise<World> {
  const cluster = await startCrashableCluster();
  const api = await startApi(cluster.adminUrl, cluster.password);
  const open = () => connect(cluster.adminUrl, { max: 4, connect_timeout: 5 });
  const receiver = startReceiver();
  const receiverProxy = startProxy(receiver.port);
  const fleet = startFleet(4, Number(new URL(api.url).port), (index) => workerEnv(index));
  const world: World = {
    ...{ api, sql: open(), fleet, receiver, receiverProxy },
    databaseUrl: databaseUrlOf(cluster.adminUrl, "postgres", cluster.password),
    ...{ random: new Random(seed), ledger: new Ledger(), lastDispatch: "none yet" },
    rpc: (name, args, url = api.url) => callRpc(url, api.secretKey, name, args),
    enqueue: (tenantId, jobs, expected, url) => enqueue(world, tenantId, jobs, expected, url),
    async crashDatabase() {
      await world.sql.end({ timeout: 0 });
      await cluster.crash(() => api.kill());
      world.sql = open();
      await api.start();
      await world.setUp();
    },
    async setUp() {
      await world.sql`select jobforge.setup(${fleet.url}, 8)`;
    },
    expire: (runIds) => expire(world, runIds),
    async dispatch() {
      await world.expire(fleet.orphans());
      world.lastDispatch = await world.sql`select jobforge.dispatch() as runs`.then(
        ([row]) => `called ${row!.runs} workers`,
        (error) => `failed: ${(error as Error).message}`,
      );
    },
    unfinished: () => unfinished(world),
    drain: (limitMs) => drain(world, limitMs),
    until: (what, check, limitMs) => until(world, what, check, limitMs),
    async stop() {
      await fleet.stop();
      await world.sql.end({ timeout: 1 });
      await api.stop();
      await receiverProxy.stop();
      await receiver.stop();
      await cluster.stop();
    },
  };
  await world.setUp();
  return world;

  function workerEnv(index: number): Record<string, string> {
    return {
      SUPABASE_SECRET_KEYS: JSON.stringify({ default: api.secretKey }),
      CHAOS_RECEIVER: receiver.url,
      // Two workers live ten minutes ahead of the database and ten behind.
      CHAOS_CLOCK_SKEW_MS: String([0, 600_000, -600_000, 0][index] ?? 0),
      JOBFORGE_LOCAL_EGRESS: `127.0.0.1:${receiverProxy.port}`,
    };
  }
}

/** Undoes what a scenario may have left broken. */
export async function repair(world: World): Promise<void> {
  for (const worker of world.fleet.workers) {
    thaw(worker);
    worker.proxy.set({ kind: "pass" });
  }
  world.fleet.reachable = true;
  world.receiverProxy.set({ kind: "pass" });
  world.receiver.answer = () => new Response("ok");
  world.receiver.effects.length = 0;
  world.ledger = new Ledger();
  if (!await answers(world)) await restartApi(world);
  // Runs of the scenario before count towards max_runs until their leases end.
  const rows = await world
    .sql`select id::int from jobforge.runs where state in ('pending', 'live')`;
  await world.expire(rows.map((row) => row.id));
  await world.dispatch();
  // A ticket waits a minute: on a busy machine a process may need most of that to start.
  await world.fleet.warmUp();
}

/** Ends the process of the Data API and starts another. */
export async function restartApi(world: World): Promise<void> {
  await world.api.kill();
  await world.api.start();
  await world.setUp();
}

/** Whether a call through the Data API reaches the database. A gateway alone is not enough. */
async function answers(world: World): Promise<boolean> {
  const call = world.rpc("jobforge_list_queues", { p_tenant_id: crypto.randomUUID() });
  return await call.then(async (reply) => (await reply.text(), reply.ok)).catch(() => false);
}

async function expire(world: World, runIds: number[]): Promise<void> {
  if (runIds.length === 0) return;
  await insist(async () => {
    await world.sql`
      update jobforge.runs
      set lease_expires_at = case when state = 'live' then now() - interval '1 second' end,
        created_at = case when state = 'pending' then now() - interval '61 seconds'
          else created_at end
      where id = any (${runIds}) and state in ('pending', 'live')`;
  });
}

async function unfinished({ sql, ledger }: World): Promise<number> {
  const [row] = await sql`
    select count(*)::int as jobs from jobforge.jobs
    where tenant_id = any (${ledger.tenants()}) and status is null`;
  return row!.jobs;
}

async function drain(world: World, limitMs = DRAIN_MS): Promise<void> {
  for (const deadline = Date.now() + limitMs; Date.now() < deadline;) {
    await world.dispatch();
    const left = await unfinished(world).catch(() => 1);
    if (left === 0) return;
    await delay(DISPATCH_MS);
  }
  const left = await unfinished(world).catch(() => "an unknown number of");
  await giveUp(world, `the end of all jobs: ${left} have not ended`, limitMs);
}

async function until(
  world: World,
  what: string,
  check: () => Promise<boolean> | boolean,
  limitMs = 60_000,
): Promise<void> {
  for (const deadline = Date.now() + limitMs; Date.now() < deadline;) {
    if (await check()) return;
    await delay(20);
  }
  await giveUp(world, what, limitMs);
}
