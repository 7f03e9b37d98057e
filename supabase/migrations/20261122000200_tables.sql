-- JobForge, chapter 2: tables.
-- Every key leads with the tenant. There are no foreign keys between the hot tables: a check per
-- insert would lock the parent row that another transaction is about to update.

create table public.jobforge_queues (
  id int generated always as identity primary key,
  tenant_id uuid not null,
  queue jobforge.queue_name not null default 'default',
  weight jobforge.weight not null default 1,
  max_running jobforge.count,
  max_queued jobforge.count,
  rate_limit jobforge.positive,
  rate_period_ms jobforge.period_ms not null default 60000,
  rate_burst jobforge.positive not null default 1,
  paused boolean not null default false,
  -- scheduler state: written by claims and wake-ups only
  vtime double precision not null default 0,
  claimed bigint not null default 0,
  runnable boolean not null default false,
  wake_at timestamptz,
  tat timestamptz,
  mark_priority smallint,
  mark_id uuid,
  mark_at timestamptz,
  constraint jobforge_queues_one_per_name unique (tenant_id, queue),
  constraint paused_is_not_runnable check (not (paused and runnable))
) with (
  fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000,
  autovacuum_vacuum_cost_delay = 0
);
comment on table public.jobforge_queues is
  'A tenant''s queue: its limits, and the scheduler''s state for it.';
comment on column public.jobforge_queues.weight is 'Share of the workers relative to other queues.';
comment on column public.jobforge_queues.rate_limit is
  'Starts per rate_period_ms, evenly spaced, with bursts of rate_burst (GCRA).';
comment on column public.jobforge_queues.vtime is
  'Virtual time: started jobs divided by weight. Claims serve the smallest first.';
comment on column public.jobforge_queues.claimed is 'Jobs ever claimed: one side of both counters.';
comment on column public.jobforge_queues.runnable is
  'Claims look here. False: empty, at its cap, throttled or paused.';
comment on column public.jobforge_queues.wake_at is 'When a throttled queue becomes runnable.';
comment on column public.jobforge_queues.tat is 'GCRA: theoretical arrival time of the next start.';
comment on column public.jobforge_queues.mark_at is
  'Low-water mark (priority, id): claims start there, past dead index entries, for two seconds.';
create index jobforge_queues_turn_idx on public.jobforge_queues (runnable, vtime);
create index jobforge_queues_wake_idx on public.jobforge_queues (wake_at) where wake_at is not null;

-- Columns of fixed width come first: what comes behind the others is found by walking past them.
create table public.jobforge_jobs (
  tenant_id uuid not null,
  id uuid not null,
  queue_id int not null,
  priority smallint not null default 0,
  scheduled boolean not null default false,
  attempts int not null default 0,
  max_attempts int not null,
  redriven_after int not null default 0,
  lease_expiries int not null default 0,
  timeout_ms int not null,
  run_at timestamptz not null,
  created_at timestamptz not null,
  status text not null default 'queued',
  queue text not null,
  type text not null,
  payload jsonb not null,
  run_id bigint,
  lease_token bigint,
  started_at timestamptz,
  finished_at timestamptz,
  cancel_requested_at timestamptz,
  created_by text,
  idempotency_key text,
  traceparent text,
  progress jsonb,
  last_error jsonb,
  constraint jobforge_jobs_pkey primary key (tenant_id, id),
  constraint finished_when_terminal check (case when finished_at is null
    then status in ('queued', 'running')
    else status in ('succeeded', 'failed', 'dead', 'canceled') end),
  constraint lease_only_while_running check ((status = 'running') = (lease_token is not null)),
  constraint leased_by_a_run check (lease_token is null or run_id is not null),
  constraint attempts_within_limit check (attempts between 0 and max_attempts)
) with (
  fillfactor = 85, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 5000,
  autovacuum_vacuum_cost_delay = 0
);
comment on table public.jobforge_jobs is 'A job.';
comment on column public.jobforge_jobs.priority is 'Within its queue, smaller starts sooner.';
comment on column public.jobforge_jobs.scheduled is
  'Queued, and waiting for run_at. The next claim or tick after run_at clears it.';
comment on column public.jobforge_jobs.redriven_after is
  'Attempts made before the last redrive: max_attempts counts from there.';
comment on column public.jobforge_jobs.lease_expiries is
  'How often a lease of this job ran out. From two on it is claimed alone.';
comment on column public.jobforge_jobs.run_id is
  'The run that holds the job, or the one in which it succeeded.';
comment on column public.jobforge_jobs.lease_token is
  'Fencing token of the current attempt: an outcome counts only with it. The lease ends with the run''s.';
create index jobforge_jobs_ready_idx on public.jobforge_jobs (queue_id, priority, id)
  where status = 'queued' and not scheduled and lease_expiries < 2;
create index jobforge_jobs_quarantined_idx on public.jobforge_jobs (run_at)
  where status = 'queued' and not scheduled and lease_expiries >= 2;
create index jobforge_jobs_scheduled_idx on public.jobforge_jobs (run_at) where scheduled;
create index jobforge_jobs_running_idx on public.jobforge_jobs (run_id, id)
  where status = 'running';
create index jobforge_jobs_canceling_idx on public.jobforge_jobs (run_id)
  where status = 'running' and cancel_requested_at is not null;

create table jobforge.unsuccessful_attempts (
  tenant_id uuid not null,
  job_id uuid not null,
  attempt_no int not null,
  run_id bigint not null,
  started_at timestamptz not null,
  finished_at timestamptz not null,
  outcome jobforge.failure not null,
  error jsonb,
  constraint unsuccessful_attempts_pkey primary key (tenant_id, job_id, attempt_no)
);
comment on table jobforge.unsuccessful_attempts is
  'An attempt that ended without success, also by an expired lease.';

-- The attempt that succeeded is kept in the job's own row: most jobs never need another one.
create view public.jobforge_job_attempts with (security_invoker = true) as
select a.tenant_id, a.job_id, a.attempt_no, a.run_id, a.started_at, a.finished_at, a.outcome, a.error
from jobforge.unsuccessful_attempts as a
union all
select j.tenant_id, j.id, j.attempts, j.run_id, j.started_at, j.finished_at, 'succeeded', null
from public.jobforge_jobs as j
where j.status = 'succeeded';
comment on view public.jobforge_job_attempts is 'An attempt that ended, also by an expired lease.';

create table public.jobforge_job_results (
  tenant_id uuid not null,
  job_id uuid not null,
  result jsonb not null,
  created_at timestamptz not null,
  constraint jobforge_job_results_pkey primary key (tenant_id, job_id)
);
comment on table public.jobforge_job_results is
  'What the handler of a succeeded job returned. No row when it returned nothing.';

create table public.jobforge_audit_log (
  id bigint generated always as identity primary key,
  at timestamptz not null,
  role text not null,
  subject text,
  tenant_id uuid,
  action text not null,
  target text,
  detail jsonb
);
comment on table public.jobforge_audit_log is
  'A privileged or user-made change: who, what, which tenant. Append-only.';
create index jobforge_audit_log_tenant_idx on public.jobforge_audit_log (tenant_id, id);

create table jobforge.runs (
  id bigint generated always as identity primary key,
  state jobforge.run_state not null,
  worker text,
  ticket_hash bytea,
  capacity int not null default 0,
  held int not null default 0,
  alone boolean not null default false,
  claimed bigint not null default 0,
  settled bigint not null default 0,
  polled_at timestamptz,
  idle_at timestamptz,
  created_at timestamptz not null,
  started_at timestamptz,
  lease_expires_at timestamptz,
  ended_at timestamptz,
  end_reason text,
  cpu_ms int,
  constraint ticket_only_while_pending check ((state = 'pending') = (ticket_hash is not null)),
  constraint lease_only_while_live check ((state = 'live') = (lease_expires_at is not null)),
  constraint held_not_negative check (held >= 0)
) with (fillfactor = 50);
comment on table jobforge.runs is
  'One worker invocation: its ticket''s hash, its lease, what it did and why it ended.';
comment on column jobforge.runs.idle_at is
  'Since when the run holds nothing and found nothing. Enqueues rely on it for one second.';
comment on column jobforge.runs.polled_at is
  'When it last asked for jobs. Enqueues rely on its room for two seconds.';
comment on column jobforge.runs.alone is 'The last jobs it claimed were one quarantined job.';
create index runs_active_idx on jobforge.runs (state, created_at) where state in ('pending', 'live');

create table jobforge.queue_tallies (
  queue_id int not null,
  side jobforge.tally_side not null,
  shard int not null,
  total bigint not null default 0,
  primary key (queue_id, side, shard)
) with (
  fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000,
  autovacuum_vacuum_cost_delay = 0
);
comment on table jobforge.queue_tallies is
  'Sharded counters of a queue: e(nqueued), r(eleased from running), b(ack to queued).';

create table jobforge.wakeups (
  id bigint generated always as identity primary key,
  queue_id int not null
);
comment on table jobforge.wakeups is
  'Queues to make runnable. Insert-only for everyone but claims, so nobody waits for a queue row.';

create table jobforge.idempotency_keys (
  tenant_id uuid not null,
  type text not null,
  key text not null,
  request_hash bytea not null,
  job_id uuid not null,
  expires_at timestamptz,
  constraint idempotency_keys_pkey primary key (tenant_id, type, key)
);
comment on table jobforge.idempotency_keys is
  'The job that a key stands for. Apart from the job, so that the key can expire on its own.';
create index idempotency_keys_expiry_idx on jobforge.idempotency_keys (expires_at)
  where expires_at is not null;

create table jobforge.job_types (
  type text primary key,
  max_attempts int not null,
  timeout_ms int not null,
  backoff_base_ms int not null,
  backoff_cap_ms int not null
);
comment on table jobforge.job_types is
  'What workers declared about a type. Jobs of an undeclared type get the defaults.';

create sequence jobforge.lease_tokens;
