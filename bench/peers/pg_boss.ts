import { connect } from "../../local/postgres/database.ts";
import { expectCount, secondsSince } from "../harness/harness.ts";
import { PAYLOAD } from "../harness/jobforge.ts";

/** Version of the peer. Not in deno.json, so that only the bench downloads it. */
export const PG_BOSS_VERSION = "12.35.0";

interface Job {
  id: string;
}

interface WorkOptions {
  batchSize: number;
  pollingIntervalSeconds: number;
  localConcurrency: number;
}

interface Boss {
  on(event: "error", listener: () => void): void;
  start(): Promise<unknown>;
  stop(options: { graceful: boolean }): Promise<void>;
  createQueue(name: string): Promise<void>;
  insert(name: string, jobs: { data: unknown }[]): Promise<unknown>;
  fetch(name: string, options: { batchSize: number }): Promise<Job[]>;
  complete(name: string, ids: string[]): Promise<unknown>;
  work(
    name: string,
    options: WorkOptions,
    handler: (jobs: Job[]) => Promise<void>,
  ): Promise<string>;
  offWork(name: string, options: { wait: boolean }): Promise<void>;
}

interface Package {
  PgBoss: new (
    options: { connectionString: string; max: number; schedule: boolean; supervise: boolean },
  ) => Boss;
}

/** pg-boss in a database of its own. */
export interface PgBoss {
  /** Enqueues batches of 1,000 with insert, and brings statistics up to date. */
  fill(jobs: number): Promise<void>;
  wipe(): Promise<void>;
  /** Fetches and completes batches in `loops` loops and returns jobs a second. */
  drain(jobs: number, loops: number, batch: number): Promise<number>;
  /** Drains through `work`, which polls. Returns jobs a second. */
  work(jobs: number, loops: number, batch: number): Promise<number>;
  /** Throws unless all jobs are completed. */
  check(jobs: number): Promise<void>;
  close(): Promise<void>;
}

const QUEUE = "bench";

/** Installs pg-boss into the database of a superuser's URL. */
export async function openPgBoss(connectionString: string): Promise<PgBoss> {
  const specifier = `npm:pg-boss@${PG_BOSS_VERSION}`;
  const { PgBoss: Boss }: Package = await import(specifier);
  const boss = new Boss({ connectionString, max: 16, schedule: false, supervise: false });
  boss.on("error", () => {});
  await boss.start();
  await boss.createQueue(QUEUE);
  const sql = connect(connectionString);

  async function isCompleted(jobs: number): Promise<boolean> {
    const [row] = await sql`
      select count(*)::int as count from pgboss.job where name = ${QUEUE} and state = 'completed'
    `;
    return row!.count === jobs;
  }

  async function loop(batch: number): Promise<void> {
    for (;;) {
      const jobs = await boss.fetch(QUEUE, { batchSize: batch });
      if (jobs.length === 0) return;
      await boss.complete(QUEUE, jobs.map(({ id }) => id));
    }
  }

  return {
    async fill(jobs) {
      for (let left = jobs; left > 0; left -= 1000) {
        const batch = { length: Math.min(left, 1000) };
        await boss.insert(QUEUE, Array.from(batch, () => ({ data: PAYLOAD })));
      }
      await sql`vacuum analyze pgboss.job`;
    },
    wipe: async () => void await sql`truncate pgboss.job`,
    async drain(jobs, loops, batch) {
      const started = performance.now();
      await Promise.all(Array.from({ length: loops }, () => loop(batch)));
      return jobs / secondsSince(started);
    },
    async work(jobs, localConcurrency, batchSize) {
      const started = performance.now();
      const options = { batchSize, localConcurrency, pollingIntervalSeconds: 0.5 };
      await boss.work(QUEUE, options, () => Promise.resolve());
      while (!await isCompleted(jobs)) await new Promise((resolve) => setTimeout(resolve, 20));
      const seconds = secondsSince(started);
      await boss.offWork(QUEUE, { wait: true });
      return jobs / seconds;
    },
    async check(jobs) {
      expectCount("pg-boss completed all", Number(await isCompleted(jobs)), 1);
    },
    async close() {
      await boss.stop({ graceful: false });
      await sql.end();
    },
  };
}
