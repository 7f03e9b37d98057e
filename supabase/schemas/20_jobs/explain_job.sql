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
        select c.config ->> 'url' from public.jobforge_connector_configs as c
        where c.tenant_id = p_job.tenant_id and c.connector = p_job.type
          and c.name = coalesce(p_job.payload ->> 'destination', 'default'))
    end from '^https?://([^:/?#@]+)'))
$$;
comment on function jobforge.host_of(public.jobforge_jobs) is
  'The host a connector''s job calls; null for other jobs.';

create function jobforge.host_closed_until(p_job public.jobforge_jobs, p_now timestamptz)
returns timestamptz
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select h.closed_until from jobforge.closed_hosts as h
  where h.tenant_id = p_job.tenant_id and h.host = jobforge.host_of(p_job)
    and h.closed_until > p_now
$$;
comment on function jobforge.host_closed_until(public.jobforge_jobs, timestamptz) is
  'Until when the host of a job is left alone; null when it is open.';

create function jobforge.reason_of(
  p_job public.jobforge_jobs, p_closed_until timestamptz, p_now timestamptz)
returns text
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select case
    when p_job.status = 'running' and p_job.cancel_requested_at is not null then 'canceling'
    when p_job.status = 'running' and not exists (
      select from jobforge.runs as r
      where r.id = p_job.run_id and r.state = 'live' and r.lease_expires_at > p_now)
      then 'lease_expiring'
    when p_job.status <> 'queued' then p_job.status
    when q.tenant_id <> p_job.tenant_id then 'tenant_erasing'
    when q.paused then 'queue_paused'
    when p_job.scheduled and p_job.run_at > p_now
      and (p_job.last_error ->> 'code' = 'host_closed' or p_closed_until >= p_job.run_at)
      then 'host_closed'
    when p_job.scheduled and p_job.run_at > p_now then 'scheduled'
    when jobforge.running(q.id) >= q.max_running then 'queue_at_max_running'
    when jobforge.available_starts(q, p_now) = 0 then 'queue_rate_limited'
    when p_closed_until is not null then 'host_closed'
    when p_job.lease_expiries >= 2 then 'quarantined'
    when not exists (select from jobforge.job_types as t where t.type = p_job.type)
      then 'type_unknown_to_workers'
    when not exists (
      select from jobforge.runs as r where r.state = 'live' and r.lease_expires_at > p_now)
      then 'waiting_for_a_worker'
    else 'waiting_its_turn'
  end
  from public.jobforge_queues as q where q.id = p_job.queue_id
$$;
comment on function jobforge.reason_of(public.jobforge_jobs, timestamptz, timestamptz) is
  'Why a job is not running: the first thing that stands in its way.';

create function jobforge.schedule_of(p_job public.jobforge_jobs)
returns jsonb
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  -- A schedule of every tenant is the operator's: its name is not shown to tenants.
  select jsonb_build_object('id', s.id,
    'name', case when s.tenant_id is not null or jobforge.is_service() then s.name end,
    'overlap', s.overlap, 'next_at', s.next_at,
    'waits_for_this_job', s.overlap = 'skip' and p_job.status in ('queued', 'running'))
  from jobforge.schedule_jobs as l join public.jobforge_schedules as s on s.id = l.schedule_id
  where l.tenant_id = p_job.tenant_id and l.job_id = p_job.id
  limit 1
$$;
comment on function jobforge.schedule_of(public.jobforge_jobs) is
  'The schedule whose last job this is, and whether it skips occurrences until the job has ended.';

create function jobforge.explain_job(p_job_id uuid, p_tenant_id uuid)
returns jsonb
language plpgsql
security definer -- reads runs and settings; bounded by the caller's tenants
set search_path = pg_catalog, pg_temp
as $$
declare
  v_now constant timestamptz := jobforge.clock();
  v_job public.jobforge_jobs;
  v_queue public.jobforge_queues;
  v_closed_until timestamptz;
  v_reason text;
begin
  select j.* into v_job from public.jobforge_jobs as j
  where j.tenant_id = any (jobforge.callers_tenants(p_tenant_id)) and j.id = p_job_id;
  if not found then
    perform jobforge.fail('not_found', 'no such job');
  end if;
  select q.* into strict v_queue from public.jobforge_queues as q where q.id = v_job.queue_id;
  v_closed_until := jobforge.host_closed_until(v_job, v_now);
  v_reason := jobforge.reason_of(v_job, v_closed_until, v_now);
  return jsonb_build_object('job_id', v_job.id, 'status', v_job.status, 'reason', v_reason,
    'message', jobforge.reason_text(v_reason),
    'earliest_at', case v_reason
      when 'scheduled' then v_job.run_at
      when 'host_closed' then greatest(v_job.run_at, v_closed_until)
      when 'queue_rate_limited' then jobforge.next_start(v_queue)
      when 'lease_expiring' then v_now + interval '10 seconds'
      when 'quarantined' then v_now
      when 'waiting_for_a_worker' then v_now
      when 'waiting_its_turn' then v_now
    end) || jsonb_strip_nulls(jsonb_build_object(
    'run_id', case when v_job.status = 'running' then v_job.run_id end,
    'lease_expires_at', case when v_job.status = 'running' then (
      select r.lease_expires_at from jobforge.runs as r where r.id = v_job.run_id) end,
    'schedule', jobforge.schedule_of(v_job)));
end
$$;
comment on function jobforge.explain_job(uuid, uuid) is
  'Users: why a job is not running, and when it could start at the earliest (null: not known).';

create function jobforge.reason_text(p_reason text)
returns text
language sql immutable
set search_path = pg_catalog, pg_temp
as $$
  select case p_reason
    when 'canceling' then 'Somebody canceled it; its worker is told at the next heartbeat.'
    when 'lease_expiring' then 'Its worker stopped reporting; the next tick queues it again.'
    when 'running' then 'It is running, under the lease of a live run.'
    when 'succeeded' then 'It has succeeded.'
    when 'failed' then 'Its handler said not to retry; retry_job queues it again.'
    when 'dead' then 'Its attempts are used up; retry_job queues it again.'
    when 'canceled' then 'It was canceled; retry_job queues it again.'
    when 'tenant_erasing' then 'Its tenant is being erased: it is deleted without running.'
    when 'queue_paused' then 'Its queue is paused.'
    when 'scheduled' then 'It waits for its run_at.'
    when 'host_closed' then 'The host it calls asked to be left alone for a while.'
    when 'queue_at_max_running' then 'Its queue runs as many jobs as max_running allows.'
    when 'queue_rate_limited' then 'Its queue has used up its rate for now.'
    when 'quarantined' then 'Its lease expired twice: it waits for a run that holds nothing else.'
    when 'type_unknown_to_workers' then 'No worker has declared its type yet.'
    when 'waiting_for_a_worker' then 'It is ready; no worker is running yet.'
    when 'waiting_its_turn' then 'It is ready, behind other jobs of its queue or other queues.'
  end
$$;
comment on function jobforge.reason_text(text) is 'A reason of explain_job in words.';

create function public.jobforge_explain_job(p_job_id uuid, p_tenant_id uuid default null)
returns jsonb
language sql stable
set search_path = pg_catalog, pg_temp
as $$ select jobforge.explain_job(p_job_id, p_tenant_id) $$;
comment on function public.jobforge_explain_job(uuid, uuid) is
  'Users: why a job is not running, and when it could start.';
