import { significant } from "../harness/rows.ts";
import type { AllResults, Results } from "./results.ts";
import { latest } from "./results.ts";
import { markdownTable } from "./table.ts";

/** The page of results: everything on it comes from results.json. */
export function readme(all: AllResults): string {
  const older = Object.entries(all).filter(([, results]) => results !== latest(all));
  return `# Bench

What JobForge costs and what it reaches, against its peers at their best settings and against the
physical limit of the same Postgres. This page is written by \`deno task bench --write\`.

\`\`\`sh
deno task bench                      # all of the table, under 15 minutes
deno task bench --quick              # smaller sizes and fewer rounds, under 2 minutes
deno task bench --only=drain,http    # some groups: enqueue, drain, fairness, storage, http, webhooks
deno task bench --only=cost,plans    # what a bill is made of; bench/plans/*.txt
deno task bench --only=instructions  # instructions per job, whatever else runs; needs valgrind
deno task bench --only=dashboard-plans # the dashboard's queries over 1,100,000 jobs; bench/plans
deno task bench --pg=15              # on Debian's Postgres 15 instead of the embedded 17
\`\`\`

## Results

${section(latest(all))}

![Measured against target](plot.svg)
${older.map(([major, results]) => `\n## Postgres ${major}\n\n${section(results)}\n`).join("")}
## Where a target is not reached

Shares are of the instructions that \`--only=instructions\` counts, on Postgres 17.

- **Single enqueue.** Whose job it is, the rules, the queue's gate, a counter and the row take eighteen
  times the instructions of a raw insert: the row 38 % (its CHECKs alone 16), queue, gate and counter
  22 %, rules and tenant 13 %, the rest is calls. Sixteen sessions on two cores cost each other
  their caches besides: an enqueue took 0.5 ms of CPU alone and 0.9 ms among them. Kept: rules of single
  columns as domains, which Postgres parses once a session, expressions instead of PERFORM, rules that
  are prepared only when a job needs them, plans that stay, no subtransaction without a JWT.
- **Batch enqueue.** Half of it is the insert of rows with 26 columns, two index entries and six
  partial indexes to ask; the raw insert writes five columns and one index. Kept: no join per row, one
  random draw for all ids, rules in one pass. Without any rule it would still miss the target.
- **Drain and single-job claims.** A job's row is written twice, each time with a new entry in its key,
  whose uniqueness is checked again: 18 %. Its JSON takes 15 %. For a single job a third is setting up
  plans, a dozen per round trip. Considered: successes as HOT updates, which would leave their entries
  in the index of running jobs for good. Between full runs the ratios moved by a tenth either way.
- **Pinned snapshot.** Claims walk past dead entries of the queues' turns, settlements past what their
  run settled. Tried: one lookup per outcome, which keeps a settlement of 100 at 2.7 ms where it took
  11.7 in the second half of 60,000 jobs of one run, and costs batches of 500 a tenth without such a snapshot; not kept.
- **Write-ahead log.** Two new versions of the row, logged whole for logical decoding, are 0.58 kB,
  index entries 0.45, the row itself 0.24, row locks 0.10. Tried: fillfactor 70, 0.02 kB less.

## How it is measured

- Real Postgres with fsync, synchronous_commit and full_page_writes on, wal_level logical, 256 MB of
  shared buffers; databases of one server; everything on loopback.
- Absolute figures wander with whatever else the machine does. So the cells of a comparison run in
  turn, round by round, each round starting with another cell, after a warm-up round. What counts is
  the ratio within a round; the table has the median of the rounds, and how far they lay apart.
- Every job in every system has the same payload, ${PAYLOAD_BYTES}. JobForge does all it does: checks
  rights and arguments, counts, keeps limits, records every attempt. After each drain the bench checks
  that every job ended, once, and that every counter is exact.
- graphile-worker tuned is its documented fast preset (concurrentJobs 24, localQueue 500, completions
  batched); untuned has the same concurrency without them; by default it runs one job at a time. It
  deletes a job that succeeds. pg-boss fetches and completes batches in as many loops; \`work\` polls
  twice a second. Raw insert is a table of five columns, sent the same payloads by the same client.
- The cost of fairness is measured against the same database with [one order for all](sql/fifo.sql).
- Sizes beyond a few thousand jobs are [put into the tables](sql/fill.sql), with the counters that
  enqueues would have left.
- The local stack stands in for the platform in the rows about HTTP: gateway, Data API and pg_net's
  stand-in share one process, which is slower than PostgREST. Read those rows as ratios, too.
`;
}

const PAYLOAD_BYTES = "about 45 bytes of jsonb";

function section({ machine, quick, rows }: Results): string {
  const versions = Object.entries(machine.versions).map((pair) => pair.join(" ")).join(", ");
  return `${machine.date}, ${machine.hardware}; ${versions}; writing and syncing 8 kB takes ${
    significant(machine.fsyncMs)
  } ms.${quick ? " Sizes and rounds of --quick." : ""}

${markdownTable(rows)}`;
}
