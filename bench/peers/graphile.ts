import { connect, type Sql } from "../../local/postgres/database.ts";
import { expectCount, secondsSince } from "../harness/harness.ts";
import { PAYLOAD } from "../harness/jobforge.ts";

/** Version of the peer. Not in deno.json, so that only the bench downloads it. */
export const GRAPHILE_VERSION = "0.18.0";

interface Runner {
  stop(): Promise<void>;
}

interface Utils {
  migrate(): Promise<void>;
  addJob(task: string, payload: unknown): Promise<unknown>;
  addJobs(jobs: { identifier: string; payload: unknown }[]): Promise<unknown>;
  release(): Promise<void>;
}

interface Package {
  Logger: new (factory: () => () => void) => unknown;
  makeWorkerUtils(options: { connectionString: string; logger: unknown }): Promise<Utils>;
  run(options: {
    logger: unknown;
    noHandleSignals: boolean;
    preset: { worker: WorkerPreset & { connectionString: string } };
    taskList: Record<string, () => void>;
  }): Promise<Runner>;
}

/** Options of graphile-worker that its documentation names for speed. */
export interface WorkerPreset {
  concurrentJobs?: number;
  maxPoolSize?: number;
  localQueue?: { size: number };
  completeJobBatchDelay?: number;
  failJobBatchDelay?: number;
}

/** The documented fast preset: jobs fetched ahead in batches and completed in batches. */
export const TUNED: WorkerPreset = {
  concurrentJobs: 24,
  maxPoolSize: 16,
  localQueue: { size: 500 },
  completeJobBatchDelay: 0,
  failJobBatchDelay: 0,
};

/** As many jobs side by side, but each fetched and completed on its own. */
export const UNTUNED: WorkerPreset = { concurrentJobs: 24, maxPoolSize: 16 };

/** graphile-worker in a database of its own. */
export interface Graphile {
  /** Enqueues batches of 1,000 with add_jobs. */
  addJobs(jobs: number): Promise<void>;
  /** The same, and then up-to-date statistics. */
  fill(jobs: number): Promise<void>;
  wipe(): Promise<void>;
  /** Runs a worker until the table is empty and returns jobs a second. */
  drain(jobs: number, preset: WorkerPreset): Promise<number>;
  close(): Promise<void>;
}

const TABLE = "graphile_worker._private_jobs";

/** Installs graphile-worker into the database of a superuser's URL. */
export async function openGraphile(connectionString: string): Promise<Graphile> {
  const specifier = `npm:graphile-worker@${GRAPHILE_VERSION}`;
  const worker: Package = await import(specifier);
  const logger = new worker.Logger(() => () => {});
  const utils = await worker.makeWorkerUtils({ connectionString, logger });
  await utils.migrate();
  await utils.addJob("bench", PAYLOAD);
  const sql = connect(connectionString);

  async function addJobs(jobs: number): Promise<void> {
    for (let left = jobs; left > 0; left -= 1000) {
      const batch = { length: Math.min(left, 1000) };
      await utils.addJobs(Array.from(batch, () => ({ identifier: "bench", payload: PAYLOAD })));
    }
  }

  return {
    addJobs,
    async fill(jobs) {
      await addJobs(jobs);
      await sql.unsafe(`vacuum analyze ${TABLE}`);
    },
    wipe: async () => void await sql.unsafe(`truncate ${TABLE}`),
    async drain(jobs, preset) {
      let handled = 0;
      const all = Promise.withResolvers<void>();
      const bench = () => void (++handled === jobs && all.resolve());
      const started = performance.now();
      const runner = await worker.run({
        logger,
        noHandleSignals: true,
        preset: { worker: { connectionString, ...preset } },
        taskList: { bench },
      });
      await all.promise;
      await untilEmpty(sql);
      const seconds = secondsSince(started);
      await runner.stop();
      expectCount("jobs graphile-worker handled", handled, jobs);
      return jobs / seconds;
    },
    async close() {
      await utils.release();
      await sql.end();
    },
  };
}

/** A job is gone from the table once its completion is committed. */
async function untilEmpty(sql: Sql): Promise<void> {
  while ((await sql.unsafe(`select from ${TABLE} limit 1`)).length > 0) {
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}
