/** What the bench is and how to run it. */
export const INTRODUCTION = `# Bench

What JobForge costs and what it reaches, against its peers at their best settings and against the
physical limit of the same Postgres. This page is written by \`deno task bench --write\`.

\`\`\`sh
deno task bench                      # all of the table, under 15 minutes
deno task bench --quick              # smaller sizes and fewer rounds, under 2 minutes
deno task bench --only=drain,http    # some groups: enqueue, drain, fairness, storage, http, webhooks
deno task bench --only=cost,plans    # what a bill is made of, and bench/plans/*.txt
deno task bench --only=maintenance  # the dispatcher at 10,000 queues, rows a second of each prune
deno task bench --only=stall         # slow filters of one tenant beside the jobs of others
deno task bench --only=payloads      # payloads of 2 kB and 20 kB
deno task bench --only=soak          # half an hour of load with faults and an old snapshot
deno task bench --only=hostile      # hostile requests beside those of others to the same function
deno task bench --only=instructions  # instructions per job, independent of load, with valgrind
deno task bench --only=dashboard-plans # the dashboard's queries over 1,100,000 jobs, in bench/plans
deno task bench --pg=15              # on Debian's Postgres 15 instead of the embedded 17
\`\`\``;

/** Where a target is not reached, and why. */
export const MISSED_TARGETS = `## Where a target is not reached

Shares are of the instructions that \`--only=instructions\` counts, on Postgres 17.

- **Single enqueue.** It takes eighteen times the instructions of a raw insert. The row has 38 %, of
  which its CHECKs alone have 16. Queue, parking lock and counter have 22 %, rules and tenant 13 %,
  and calls the rest. Sixteen sessions on two cores also cost each other their caches. An enqueue took
  0.5 ms of CPU alone and 0.9 ms among them. Kept: rules of single columns as domains, which Postgres
  parses once a session. Expressions instead of PERFORM. Rules that are prepared only when a job needs
  them. Plans that stay. No subtransaction without a JWT.
- **Batch enqueue.** Half of it is the insert of rows with 26 columns, two index entries and six
  partial indexes to check. The raw insert writes five columns and one index. Kept: no join per row,
  one random draw for all ids, rules in one pass. Without any rule it would still miss the target.
- **Drain and single-job claims.** A job's row is written twice, each time with a new entry in its key,
  whose uniqueness is checked again: 18 %. Its JSON takes 15 %. For a single job a third is setting up
  plans, a dozen per round trip. Considered: successes as HOT updates, which would leave their entries
  in the index of running jobs forever. Between full runs the ratios moved by a tenth either way.
- **Pinned snapshot.** Claims scan past dead entries in the index of queues. Reports of outcomes scan
  past the jobs that their run reported before. Tried: one lookup per outcome. A report of 100 stayed
  at 2.7 ms where it took 11.7 in the second half of 60,000 jobs of one run. Without such a snapshot,
  batches of 500 cost a tenth more, so it was not kept.
- **Write-ahead log.** Two new versions of the row, logged whole for logical decoding, are 0.58 kB,
  index entries 0.45, the row itself 0.24, row locks 0.10. Tried: fillfactor 70, 0.02 kB less.`;

/** How the figures come about. */
export const METHOD = `## How it is measured

- Real Postgres runs with fsync, synchronous_commit and full_page_writes on, wal_level logical and
  256 MB of shared buffers. All databases are on one server, and everything is on loopback.
- Absolute figures vary with the load of the machine. So the cells of a comparison run in turn, round
  by round after a warm-up round, each round starting with another cell. The result is the ratio
  within a round. The table has the median of the rounds and their range.
- Every job in every system has the same payload, about 45 bytes of jsonb. JobForge does all it does:
  it checks rights and arguments, counts, keeps limits and records every attempt. After each drain the
  bench checks that every job ended once and that every counter is exact.
- graphile-worker tuned is its documented fast preset: concurrentJobs 24, localQueue 500, batched
  completions. Untuned has the same concurrency without them. By default it runs one job at a time. It
  deletes a job that succeeds. pg-boss fetches and completes batches in as many loops. Its \`work\`
  polls twice a second. Raw insert is a table of five columns, with the same payloads and client.
- The cost of fairness is measured against the same database with [one order for all](sql/fifo.sql).
- Sizes beyond a few thousand jobs are [put into the tables](sql/fill.sql), with the counters that
  enqueues would have left.
- In the rows about HTTP the local stack stands in for the platform. Gateway, Data API and pg_net's
  stand-in share one process, which is slower than PostgREST. Read those rows as ratios, too.`;
