import { significant } from "./rows.ts";
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

- **Batch enqueue.** A raw insert writes five columns and one index. A job is a row of 26 columns and
  two index entries, its rules are checked, its queue is found and counted, and every id goes back.
  Tried and kept: the rules in one pass over the batch, one random draw for all of its ids.
- **Single enqueue.** Beside the commit there is what a raw insert does not do: whose job it is, the
  rules, the queue's gate, a counter. Tried and kept: fewer functions, no subtransaction without a
  JWT, plans that stay. What costs most now is the row itself and the counter.
- **Single-job claims.** A round trip of one job runs about a dozen statements. Tried and kept: Postgres
  planned four of them in each call anew, which was a quarter of the CPU time.
- **Drain.** Between runs on a busy machine the ratios moved by a third either way; a quiet one has to
  say which of these verdicts stay.

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
