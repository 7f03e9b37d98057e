-- Explain a job: why it is not running, and when it could start.

create function jobforge.host_of(p_job public.jobforge_jobs)
returns text
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select lower(substring(
    case p_job.type
      when 'connector.http.request' then p_job.payload ->> 'url'
      when 'connector.webhook.deliver' then (
        select jobforge_connector_configs.config ->> 'url'
        from public.jobforge_connector_configs
        where jobforge_connector_configs.tenant_id = p_job.tenant_id
          and jobforge_connector_configs.connector = p_job.type
          and jobforge_connector_configs.name
            = coalesce(p_job.payload ->> 'destination', 'default'))
    end from '^https?://([^:/?#@]+)') collate "C")
$$;
comment on function jobforge.host_of(public.jobforge_jobs) is
  'The host that the job of a connector calls. Null for other jobs.';

create function jobforge.host_closed_until(p_job public.jobforge_jobs, p_now timestamptz)
returns timestamptz
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select closed_hosts.closed_until from jobforge.closed_hosts
  where closed_hosts.tenant_id = p_job.tenant_id
    and closed_hosts.host = jobforge.host_of(p_job) and closed_hosts.closed_until > p_now
$$;
comment on function jobforge.host_closed_until(public.jobforge_jobs, timestamptz) is
  'The time until which no worker calls the host of a job. Null when the host is open.';

create function jobforge.run_of(p_job public.jobforge_jobs)
returns jobforge.runs
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select r.* from jobforge.queues as q
  join jobforge.leases on leases.queue_id = q.id and p_job.id = any (leases.ids)
  join jobforge.runs as r on r.id = leases.run_id
  where q.tenant_id = p_job.tenant_id and q.queue = p_job.queue and p_job.status = 'running'
  limit 1
$$;
comment on function jobforge.run_of(public.jobforge_jobs) is
  'The run that holds a job. Null when none does.';

create function jobforge.is_unclaimed(p_job public.jobforge_jobs)
returns boolean
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select exists (
    select from jobforge.queues as q join jobforge.unclaimed on unclaimed.queue_id = q.id
      and unclaimed.priority = p_job.priority and unclaimed.id = p_job.id
    where q.tenant_id = p_job.tenant_id and q.queue = p_job.queue)
$$;
comment on function jobforge.is_unclaimed(public.jobforge_jobs) is
  'Whether a job waits for a run that takes its type.';

create function jobforge.is_taken(p_type text, p_now timestamptz)
returns boolean
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select exists (
    select from jobforge.runs as r
    where r.state = 'live' and r.lease_expires_at > p_now
      and (r.types is null or p_type = any (r.types)))
$$;
comment on function jobforge.is_taken(text, timestamptz) is
  'Whether a live run takes jobs of a type.';

create function jobforge.kind_of(p_type text)
returns text
language sql stable
set search_path = pg_catalog, pg_temp
as $$ select t.runs_on from jobforge.job_types as t where t.type = p_type $$;
comment on function jobforge.kind_of(text) is
  'The only kind of worker that runs a type. Null for any, and for an unknown type.';

create function jobforge.reason_of(
  p_job public.jobforge_jobs, p_run jobforge.runs, p_closed_until timestamptz, p_now timestamptz)
returns text
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select case
    when p_job.status = 'running' and p_job.cancel_requested_at is not null then 'canceling'
    when p_job.status = 'running' and not coalesce(
      p_run.state = 'live' and p_run.lease_expires_at > p_now, false) then 'lease_expiring'
    when p_job.status not in ('scheduled', 'queued') then p_job.status
    when exists (
      select from jobforge.erasures where erasures.tenant_id = p_job.tenant_id)
      then 'tenant_erasing'
    when jobforge_queues.paused then 'queue_paused'
    when exists (select from jobforge.queue_faults where queue_faults.queue_id = q.id)
      then 'queue_at_fault'
    when p_job.status = 'scheduled' and p_job.run_at > p_now
      and (p_job.last_error ->> 'code' = 'host_closed' or p_closed_until >= p_job.run_at)
      then 'host_closed'
    when p_job.status = 'scheduled' and p_job.run_at > p_now then 'scheduled'
    when jobforge.is_unclaimed(p_job) then 'type_unknown_to_workers'
    when jobforge.running(q.id) >= jobforge_queues.max_running then 'queue_at_max_running'
    when jobforge.available_starts(q, jobforge_queues, p_now) = 0 then 'queue_rate_limited'
    when p_closed_until is not null then 'host_closed'
    when p_job.lease_expiries >= 2 then 'quarantined'
    when (select settings.project_url is null from jobforge.settings)
      and jobforge.kind_of(p_job.type) is distinct from 'container'
      and not jobforge.is_taken(p_job.type, p_now) then 'project_url_unknown'
    when not exists (select from jobforge.job_types as t where t.type = p_job.type)
      then 'type_unknown_to_workers'
    when not jobforge.is_taken(p_job.type, p_now) then
      -- The dispatcher calls edge workers. A container must already be running.
      case when jobforge.kind_of(p_job.type) = 'container' then 'type_unknown_to_workers'
        else 'waiting_for_a_worker' end
    else 'waiting_its_turn'
  end
  from (select) as once
  left join jobforge.queues as q on q.tenant_id = p_job.tenant_id and q.queue = p_job.queue
  left join public.jobforge_queues on jobforge_queues.tenant_id = p_job.tenant_id
    and jobforge_queues.queue = p_job.queue
$$;
comment on function jobforge.reason_of(
  public.jobforge_jobs, jobforge.runs, timestamptz, timestamptz) is
  'The first reason why a job is not running.';

create function jobforge.schedule_of(p_job public.jobforge_jobs)
returns jsonb
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  -- A schedule that is fanned out to all tenants is the operator's. Tenants do not see its name.
  select jsonb_build_object('id', jobforge_schedules.id,
    'name', case when jobforge_schedules.tenant_id is not null or jobforge.is_service()
      then jobforge_schedules.name end,
    'overlap', jobforge_schedules.overlap, 'next_at', jobforge_schedules.next_at,
    'waits_for_this_job',
      jobforge_schedules.overlap = 'skip' and p_job.status in ('scheduled', 'queued', 'running'))
  from jobforge.schedule_jobs
  join public.jobforge_schedules on jobforge_schedules.id = schedule_jobs.schedule_id
  where schedule_jobs.tenant_id = p_job.tenant_id and schedule_jobs.job_id = p_job.id
  limit 1
$$;
comment on function jobforge.schedule_of(public.jobforge_jobs) is
  'The schedule of which this is the last job, and whether it skips occurrences meanwhile.';

create function jobforge.explain_job(p_job_id uuid, p_tenant_id uuid)
returns jsonb
language plpgsql
security definer -- reads runs and settings, bounded by the caller's tenants
set search_path = pg_catalog, pg_temp
as $$
declare
  v_now constant timestamptz := jobforge.clock();
  v_job constant public.jobforge_jobs := jobforge.find_job(p_job_id, p_tenant_id);
  v_run constant jobforge.runs := jobforge.run_of(v_job);
  v_closed_until constant timestamptz := jobforge.host_closed_until(v_job, v_now);
  v_reason constant text := jobforge.reason_of(v_job, v_run, v_closed_until, v_now);
begin
  return jsonb_build_object('job_id', v_job.id, 'status', v_job.status, 'reason', v_reason,
    'message', jobforge.reason_text(v_reason, jobforge.kind_of(v_job.type)),
    'earliest_at', case v_reason
      when 'scheduled' then v_job.run_at
      when 'host_closed' then greatest(v_job.run_at, v_closed_until)
      when 'queue_rate_limited' then (
        select jobforge.next_start(q, jobforge_queues, v_now)
        from jobforge.queues as q join public.jobforge_queues
          on jobforge_queues.tenant_id = q.tenant_id and jobforge_queues.queue = q.queue
        where q.tenant_id = v_job.tenant_id and q.queue = v_job.queue)
      when 'lease_expiring' then v_now + interval '10 seconds'
      when 'quarantined' then v_now
      when 'waiting_for_a_worker' then v_now
      when 'waiting_its_turn' then v_now
    end) || jsonb_strip_nulls(jsonb_build_object(
    'lease_expires_at', v_run.lease_expires_at, 'schedule', jobforge.schedule_of(v_job)))
    -- Runs count the work of all tenants, so users do not see their numbers.
    || case when jobforge.is_service() then jsonb_strip_nulls(jsonb_build_object(
      'run_id', v_run.id, 'last_call', case when v_reason in
        ('waiting_for_a_worker', 'type_unknown_to_workers', 'quarantined')
        then jobforge.last_call() end)) else '{}' end;
end
$$;
comment on function jobforge.explain_job(uuid, uuid) is
  'Users: why a job is not running, and when it could start. Null when that is not known. Services '
  'also get the run that holds it or, while it waits for one, the last call of the worker.';

create function public.jobforge_explain_job(p_job_id uuid, p_tenant_id uuid default null)
returns jsonb
language sql stable
set search_path = pg_catalog, pg_temp
as $$ select jobforge.explain_job(p_job_id, p_tenant_id) $$;
comment on function public.jobforge_explain_job(uuid, uuid) is
  'Users: why a job is not running, and when it could start. Null when that is not known. Services '
  'also get the run that holds it or, while it waits for one, the last call of the worker.';
