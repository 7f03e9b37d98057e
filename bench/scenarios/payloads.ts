import type { Sql } from "../../local/postgres/database.ts";
import type { Bench } from "../harness/bench.ts";
import { type Cell, interleave, secondsSince } from "../harness/harness.ts";
import {
  analyze,
  checkDrained,
  drain,
  enqueueJobs,
  type JobForge,
  openJobForge,
  PAYLOAD,
} from "../harness/jobforge.ts";
import { ratioRow, type Row } from "../harness/rows.ts";

const TENANTS = 100;
const BATCH = 100;
const SMALL = "45 bytes";
const PAYLOADS: Record<string, Record<string, string | number>> = {
  [SMALL]: PAYLOAD,
  "2 kB": payloadOf(2_000),
  "20 kB": payloadOf(20_000),
};

/** Text that does not compress well, as real payloads do not. */
function payloadOf(bytes: number): Record<string, string> {
  const random = crypto.getRandomValues(new Uint8Array(bytes / 2));
  return { text: random.toHex() };
}

/** What larger payloads cost, of the small one of the other groups. */
export async function payloadRows(bench: Bench): Promise<Row[]> {
  const jobforge = await openJobForge(bench.server);
  const clients = await jobforge.database.open(4);
  const jobs = bench.size(5_000, 1_000);
  const rounds = bench.rounds(5, 2);
  try {
    const names = Object.keys(PAYLOADS);
    const enqueued = await interleave(
      names.map((name) => enqueueCell(jobforge, name, jobs)),
      rounds,
    );
    const drained = await interleave(
      names.map((name) => drainCell(jobforge, clients, name, jobs)),
      rounds,
    );
    return names.filter((name) => name !== SMALL).flatMap((name) => [
      ratioRow(enqueued, {
        ...{ work: `batch enqueue of ${BATCH}, payloads of ${name}, of ${SMALL}` },
        ...{ cell: name, of: SMALL },
      }),
      ratioRow(drained, {
        ...{ work: `drain, 4 loops × ${BATCH}, payloads of ${name}, of ${SMALL}` },
        ...{ cell: name, of: SMALL },
      }),
    ]);
  } finally {
    await jobforge.close();
  }
}

function enqueueCell(jobforge: JobForge, name: string, jobs: number): Cell {
  return {
    name,
    prepare: () => jobforge.wipe(),
    async run() {
      const started = performance.now();
      await fill(jobforge.sql, name, jobs);
      return jobs / secondsSince(started);
    },
    check: () => checkDrained(jobforge, 0, jobs),
  };
}

function drainCell(jobforge: JobForge, clients: Sql[], name: string, jobs: number): Cell {
  return {
    name,
    async prepare() {
      await jobforge.wipe();
      await fill(jobforge.sql, name, jobs);
      await jobforge.sql`select jobforge_dispatch()`;
      await analyze(jobforge.sql);
    },
    run: () => drain(clients, jobs, BATCH),
    check: () => checkDrained(jobforge, jobs),
  };
}

async function fill(sql: Sql, name: string, jobs: number): Promise<void> {
  for (let i = 0; i < jobs / BATCH; i++) {
    await enqueueJobs(sql, 1 + i % TENANTS, BATCH, PAYLOADS[name]);
  }
}
