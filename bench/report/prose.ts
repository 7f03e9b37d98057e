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
deno task bench --only=large-tenant # every function and page beside 1,100,000 jobs of one tenant
deno task bench --only=stall         # slow filters of one tenant beside the jobs of others
deno task bench --only=payloads      # payloads of 2 kB and 20 kB
deno task bench --only=soak          # half an hour of load with faults and an old snapshot
deno task bench --only=hostile      # hostile requests beside those of others to the same function
deno task bench --only=instructions  # instructions per job, independent of load, with valgrind
deno task bench --only=watch         # a watched change by Realtime against polling
deno task bench --only=dashboard-plans # the dashboard's queries over 1,100,000 jobs, in bench/plans
deno task bench --pg=15              # on Debian's Postgres 15 instead of the embedded 17
\`\`\``;

/** Where a target is not reached, and why. */
export const MISSED_TARGETS = `## Where a target is not reached

- **Single enqueue.** It takes ten and a half times the instructions of a raw insert: it writes a
  body, a narrow row, a count and, for an idle queue, a wake-up, and checks the caller and the job.
  Each function that it enters costs 14,000 instructions in each transaction, so the usual job takes
  one flat path. Kept: rules of single columns as domains, plans that stay, no subtransaction without
  a JWT.
- **Batch enqueue.** 74,000 instructions a job, about those of one and a quarter raw inserts sent one
  by one. The raw batch inserts five columns and one index entry. Kept: no join per row, one random
  draw for all ids, rules in one pass.
- **10,000 tenants, and a small tenant behind a million jobs.** A claim locks each queue that it takes
  from, so queues with two jobs cost more a job. The start of a small tenant's job waits for a turn of
  four workers on two cores, which also run the client.
- **Pinned snapshot.** Claims scan past the dead entries that the snapshot keeps in the index of
  ready jobs. \`--only=soak\` shows how many there are, and that they go when it ends.
- **The worker through HTTP.** Gateway, Data API and worker share two cores with Postgres.
- **The dispatcher at 10,000 empty queues.** It looks at each of them before it parks it.
- **Pages beside a million jobs of one tenant.** They were measured beside other work on the machine,
  so the fastest round says more than the median. No page reads all jobs or sorts them. A list of what
  hardly a job is reads 1,000 of them, the history of 24 hours adds up the histograms of 1,440 minutes
  of each queue, and the doctor makes all its checks.
- **The cost of fairness is negative.** The order for all, which it is compared with, has one index,
  whose head is full of dead entries after each claim. It is no longer a good yardstick.`;

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
- The cost of fair shares is measured against the same jobs in one queue, which has one order for all.
- Sizes beyond a few thousand jobs are [put into the tables](sql/fill.sql), with the counters that
  enqueues would have left.
- In the rows about HTTP the local stack stands in for the platform. Gateway, Data API and pg_net's
  stand-in share one process, which is slower than PostgREST. Read those rows as ratios, too.`;
