-- The jobs.
--
-- Every key leads with the tenant. There are no foreign keys between the hot tables: a check per
-- insert would lock the parent row that another transaction is about to update.

-- Columns of fixed width come first. To reach a column behind others, Postgres walks over them.
create table public.jobforge_jobs (
  tenant_id uuid not null,
  id uuid not null,
  queue_id int not null,
  priority smallint not null default 0,
  scheduled boolean not null default false,
  attempts int not null default 0,
  max_attempts int not null,
  attempts_before_retry int not null default 0,
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
comment on table public.jobforge_jobs is
  'One piece of work of a job type, with a payload.';
comment on column public.jobforge_jobs.priority is 'Within its queue, smaller starts sooner.';
comment on column public.jobforge_jobs.scheduled is
  'Queued, and waiting for run_at. The next claim or dispatch after run_at clears it.';
comment on column public.jobforge_jobs.attempts_before_retry is
  'Attempts made before the last manual retry, which added a fresh set to max_attempts.';
comment on column public.jobforge_jobs.lease_expiries is
  'How often a lease of this job expired. From two on a run claims it alone.';
comment on column public.jobforge_jobs.run_id is
  'The run that holds the job, or the one in which it succeeded.';
comment on column public.jobforge_jobs.lease_token is
  'Fencing token of the current attempt: an outcome counts only with it. The lease ends with that '
  'of the run.';
create index jobforge_jobs_ready_idx on public.jobforge_jobs (queue_id, priority, id)
  where status = 'queued' and not scheduled and lease_expiries < 2;
create index jobforge_jobs_quarantined_idx on public.jobforge_jobs (run_at)
  where status = 'queued' and not scheduled and lease_expiries >= 2;
create index jobforge_jobs_scheduled_idx on public.jobforge_jobs (run_at) where scheduled;
create index jobforge_jobs_running_idx on public.jobforge_jobs (run_id, id)
  where status = 'running';
create index jobforge_jobs_canceling_idx on public.jobforge_jobs (run_id)
  where status = 'running' and cancel_requested_at is not null;
create index jobforge_jobs_unsuccessful_idx on public.jobforge_jobs (tenant_id, id)
  where status in ('failed', 'dead', 'canceled');
