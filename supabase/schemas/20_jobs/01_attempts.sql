-- Attempts and results.
--
-- A successful attempt stays in the row of its job, because most jobs need no other one. Every
-- other attempt has a row of its own, and one view shows both.

create domain jobforge.failure as text constraint outcome_is_known check (
  value in ('errored', 'failed', 'timed_out', 'canceled', 'lease_expired'));
comment on domain jobforge.failure is 'The outcome of an attempt that did not succeed.';

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

create view public.jobforge_job_attempts with (security_invoker = true) as
select a.tenant_id, a.job_id, a.attempt_no, a.run_id, a.started_at, a.finished_at, a.outcome,
  a.error
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
  'The result that the handler of a succeeded job returned. No row when it returned none.';
