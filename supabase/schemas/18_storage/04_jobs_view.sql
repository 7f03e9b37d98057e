-- The jobs and their attempts as users read them: views over the private tables, with the caller's
-- rights.

create function jobforge.type_limits(p_type text)
returns table (max_attempts int, timeout_ms int)
language sql stable
security definer -- tenants read no other type than that of a job they see
set search_path = pg_catalog, pg_temp
as $$
  select coalesce(max(t.max_attempts), 5), coalesce(max(t.timeout_ms), 60000)
  from jobforge.job_types as t where t.type = p_type
$$;
comment on function jobforge.type_limits(text) is
  'Policies: what a job of this type gets unless its caller set it.';

create view public.jobforge_jobs with (security_invoker = true) as
select j.tenant_id, j.id, coalesce(q.queue::text, 'default') as queue, j.type, j.payload,
  placed.status, j.priority, placed.status = 'scheduled' as scheduled, j.run_at,
  j.attempts + (placed.status = 'running')::int as attempts,
  j.attempts_before_retry
    + coalesce(j.max_attempts, (
      select limits.max_attempts from jobforge.type_limits(j.type) as limits)) as max_attempts,
  coalesce(j.timeout_ms, (select limits.timeout_ms from jobforge.type_limits(j.type) as limits))
    as timeout_ms,
  j.attempts_before_retry, j.lease_expiries, j.created_at, j.created_by,
  case when placed.status = 'running' then (
    select leases.started_at from jobforge.leases
    where leases.tenant_id = j.tenant_id and leases.queue_id = j.queue_id
      and j.id = any (leases.ids) limit 1)
    else j.started_at end as started_at,
  j.finished_at,
  -- A request that came too late stays beside a job that ended otherwise.
  coalesce(j.cancel_requested_at, case when j.status is null then (
    select cancel_requests.requested_at from jobforge.cancel_requests
    where cancel_requests.tenant_id = j.tenant_id and cancel_requests.job_id = j.id) end)
    as cancel_requested_at,
  j.idempotency_key, j.traceparent, (
    select job_progress.progress from jobforge.job_progress
    where job_progress.tenant_id = j.tenant_id and job_progress.job_id = j.id) as progress,
  j.last_error
from jobforge.jobs as j
left join jobforge.queues as q on q.id = j.queue_id
cross join lateral (
  select coalesce(j.status::text, case
    when exists (
      select from jobforge.ready where ready.queue_id = j.queue_id
        and ready.priority = j.priority and ready.id = j.id) then 'queued'
    when exists (
      select from jobforge.scheduled where scheduled.queue_id = j.queue_id
        and scheduled.run_at = j.run_at and scheduled.id = j.id) then 'scheduled'
    when exists (
      select from jobforge.quarantined where quarantined.queue_id = j.queue_id
        and quarantined.priority = j.priority and quarantined.id = j.id) then 'queued'
    when exists (
      select from jobforge.unclaimed where unclaimed.queue_id = j.queue_id
        and unclaimed.priority = j.priority and unclaimed.id = j.id) then 'queued'
    when j.queue_id = 0 then (
      select case when newcomers.scheduled then 'scheduled' else 'queued' end
      from jobforge.newcomers
      where newcomers.tenant_id = j.tenant_id and newcomers.id = j.id)
    else 'running' end) as status) as placed;
comment on view public.jobforge_jobs is 'One piece of work of a job type, with a payload.';
comment on column public.jobforge_jobs.status is
  'scheduled, queued, running, succeeded, failed, dead or canceled.';
comment on column public.jobforge_jobs.priority is 'Within its queue, smaller starts sooner.';

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

-- Most jobs need one attempt, so a successful one stays in the body.
create view public.jobforge_job_attempts with (security_invoker = true) as
select a.tenant_id, a.job_id, a.attempt_no, a.started_at, a.finished_at, a.outcome, a.error
from jobforge.unsuccessful_attempts as a
union all
select j.tenant_id, j.id, j.attempts, j.started_at, j.finished_at, 'succeeded', null
from jobforge.jobs as j
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
