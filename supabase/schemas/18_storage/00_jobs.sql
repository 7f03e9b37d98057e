-- The jobs: a body each, and what is known of it beside.
--
-- Where the narrow row of a job lies decides its status: in ready, scheduled, quarantined,
-- unclaimed or newcomers it waits. In the ids of a lease it runs. With neither it has ended, and
-- its body has a final status. So no status is stored twice.
--
-- A body is written at enqueue, and once more when the job ends, by a HOT update. So no index and
-- no CHECK names a column that changes. While a run holds a job, no other caller locks its body.

create domain jobforge.final_status as text constraint status_is_final check (
  value in ('succeeded', 'failed', 'dead', 'canceled'));
comment on domain jobforge.final_status is 'The status of a job that has ended.';

-- Columns of fixed width come first. To reach a column behind others, Postgres walks over them.
create table jobforge.jobs (
  tenant_id uuid not null,
  id uuid not null,
  queue_id int not null,
  priority smallint not null default 0,
  attempts int not null default 0,
  max_attempts int,
  timeout_ms int,
  attempts_before_retry int not null default 0,
  lease_expiries int not null default 0,
  run_at timestamptz not null,
  created_at timestamptz not null,
  type text not null,
  payload jsonb not null,
  status jobforge.final_status,
  run_id bigint,
  started_at timestamptz,
  finished_at timestamptz,
  cancel_requested_at timestamptz,
  created_by text,
  idempotency_key text,
  traceparent text,
  last_error jsonb,
  constraint jobs_pkey primary key (tenant_id, id)
) with (
  fillfactor = 45, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 5000,
  autovacuum_vacuum_cost_delay = 0
);
comment on table jobforge.jobs is
  'The body of a job. A page has room for a second version of each of its rows.';
comment on column jobforge.jobs.queue_id is 'Zero while the tenant has no queue yet.';
comment on column jobforge.jobs.attempts is 'Attempts that ended.';
comment on column jobforge.jobs.max_attempts is 'Null means what the type says when the job runs.';
comment on column jobforge.jobs.timeout_ms is 'Null means what the type says when the job runs.';
comment on column jobforge.jobs.attempts_before_retry is
  'Attempts made before the last manual retry, which added a fresh set to max_attempts.';
comment on column jobforge.jobs.lease_expiries is
  'How often a lease of this job expired. From two on a run claims it alone.';
comment on column jobforge.jobs.run_id is 'The run in which it succeeded.';

create table jobforge.unsuccessful_jobs (
  tenant_id uuid not null,
  id uuid not null,
  constraint unsuccessful_jobs_pkey primary key (tenant_id, id)
);
comment on table jobforge.unsuccessful_jobs is
  'The jobs that failed, are dead or were canceled. Lists and retries find them here.';

create table jobforge.cancel_requests (
  tenant_id uuid not null,
  job_id uuid not null,
  requested_at timestamptz not null,
  constraint cancel_requests_pkey primary key (tenant_id, job_id)
);
comment on table jobforge.cancel_requests is
  'A request that a running job stop. A row of its own, so that settling waits for no caller.';

create table jobforge.job_progress (
  tenant_id uuid not null,
  job_id uuid not null,
  progress jsonb not null,
  constraint job_progress_pkey primary key (tenant_id, job_id)
) with (
  fillfactor = 50, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 2000,
  autovacuum_vacuum_cost_delay = 0
);
comment on table jobforge.job_progress is
  'The progress that a handler reported last. Beside the body, which each report would move.';
