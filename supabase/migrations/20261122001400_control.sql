-- JobForge, chapter 14: what users do to their jobs.

create function jobforge.lock_job(p_job_id uuid, p_tenant_id uuid)
returns public.jobforge_jobs
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_job public.jobforge_jobs;
begin
  select j.* into v_job from public.jobforge_jobs as j
  where j.tenant_id = any (jobforge.callers_tenants(p_tenant_id)) and j.id = p_job_id
  for no key update;
  if not found then
    perform jobforge.fail('not_found', 'no such job');
  end if;
  return v_job;
end
$$;
comment on function jobforge.lock_job(uuid, uuid) is
  'The job, locked; unknown and another tenant''s are the same not_found.';

create function jobforge.cancel_job(p_job_id uuid, p_tenant_id uuid)
returns table (job_id uuid, status text, cancel_requested boolean)
language plpgsql
security definer -- writes jobs; bounded by the caller's tenants
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  v_job constant public.jobforge_jobs := jobforge.lock_job(p_job_id, p_tenant_id);
begin
  if v_job.status not in ('queued', 'running', 'canceled') then
    perform jobforge.fail('wrong_state', format('the job is %s already', v_job.status));
  end if;
  perform jobforge.cancel(v_job.tenant_id, array[v_job.id]);
  perform jobforge.audit('cancel_job', v_job.tenant_id, v_job.id::text,
    jsonb_build_object('from', v_job.status));
  return query
  select j.id, j.status, j.cancel_requested_at is not null from public.jobforge_jobs as j
  where j.tenant_id = v_job.tenant_id and j.id = v_job.id;
end
$$;
comment on function jobforge.cancel_job(uuid, uuid) is
  'Cancels a queued job at once; a running one is told at its next heartbeat.';

create function jobforge.retry_job(p_job_id uuid, p_tenant_id uuid)
returns table (job_id uuid, status text)
language plpgsql
security definer -- writes jobs; bounded by the caller's tenants
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  v_job public.jobforge_jobs := jobforge.lock_job(p_job_id, p_tenant_id);
begin
  if v_job.status not in ('dead', 'failed', 'canceled') then
    perform jobforge.fail('wrong_state',
      format('the job is %s; only dead, failed and canceled jobs are retried', v_job.status));
  end if;
  perform jobforge.redrive(v_job.tenant_id, array[v_job.id]);
  perform jobforge.audit('retry_job', v_job.tenant_id, v_job.id::text,
    jsonb_build_object('from', v_job.status));
  return query select v_job.id, 'queued';
end
$$;
comment on function jobforge.retry_job(uuid, uuid) is
  'Redrive: queues a dead, failed or canceled job again with a fresh set of attempts.';

create function jobforge.reschedule_job(
  p_job_id uuid, p_run_at timestamptz, p_tenant_id uuid)
returns table (job_id uuid, status text, run_at timestamptz)
language plpgsql
security definer -- writes jobs; bounded by the caller's tenants
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  v_now constant timestamptz := jobforge.clock();
  v_job public.jobforge_jobs := jobforge.lock_job(p_job_id, p_tenant_id);
begin
  if p_run_at is null
    or p_run_at not between v_now - interval '366 days' and v_now + interval '366 days'
  then
    perform jobforge.fail('invalid_argument', 'p_run_at must be within 366 days of now');
  elsif v_job.status <> 'queued' then
    perform jobforge.fail('wrong_state',
      format('the job is %s; only queued jobs are rescheduled', v_job.status));
  end if;
  -- A time that has come is left to promotion, which also wakes the queue.
  update public.jobforge_jobs as j set run_at = p_run_at, scheduled = true
  where j.tenant_id = v_job.tenant_id and j.id = v_job.id;
  if p_run_at <= v_now then
    perform pg_advisory_xact_lock_shared(jobforge.gate(), v_job.queue_id);
    insert into jobforge.wakeups (queue_id) values (v_job.queue_id);
  end if;
  perform jobforge.audit('reschedule_job', v_job.tenant_id, v_job.id::text,
    jsonb_build_object('from', v_job.run_at, 'to', p_run_at));
  return query select v_job.id, 'queued', p_run_at;
end
$$;
comment on function jobforge.reschedule_job(uuid, timestamptz, uuid) is
  'Moves the start of a queued job.';

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
  v_reason text;
  v_earliest_at timestamptz;
begin
  select j.* into v_job from public.jobforge_jobs as j
  where j.tenant_id = any (jobforge.callers_tenants(p_tenant_id)) and j.id = p_job_id;
  if not found then
    perform jobforge.fail('not_found', 'no such job');
  end if;
  select q.* into strict v_queue from public.jobforge_queues as q where q.id = v_job.queue_id;
  v_reason := case
    when v_job.status = 'running' and v_job.cancel_requested_at is not null then 'canceling'
    when v_job.status = 'running' and not exists (
      select from jobforge.runs as r
      where r.id = v_job.run_id and r.state = 'live' and r.lease_expires_at > v_now)
      then 'lease_expiring'
    when v_job.status <> 'queued' then v_job.status
    when v_queue.paused then 'queue_paused'
    when v_job.scheduled and v_job.run_at > v_now then 'scheduled'
    when jobforge.running(v_queue.id) >= v_queue.max_running then 'queue_at_max_running'
    when jobforge.room(v_queue, v_now) = 0 then 'queue_rate_limited'
    when v_job.lease_expiries >= 2 then 'quarantined'
    when not exists (select from jobforge.job_types as t where t.type = v_job.type)
      then 'type_unknown_to_workers'
    when not exists (
      select from jobforge.runs as r where r.state = 'live' and r.lease_expires_at > v_now)
      then 'waiting_for_a_worker'
    else 'waiting_its_turn'
  end;
  v_earliest_at := case v_reason
    when 'scheduled' then v_job.run_at
    when 'queue_rate_limited' then jobforge.next_start(v_queue)
    when 'lease_expiring' then v_now + interval '10 seconds'
    when 'waiting_for_a_worker' then v_now
    when 'waiting_its_turn' then v_now
  end;
  return jsonb_build_object('job_id', v_job.id, 'status', v_job.status, 'reason', v_reason,
    'message', jobforge.reason_text(v_reason), 'earliest_at', v_earliest_at);
end
$$;
comment on function jobforge.explain_job(uuid, uuid) is
  'Why a job is not running, and when it could start at the earliest (null: not known).';

create function jobforge.reason_text(p_reason text)
returns text
language sql immutable
set search_path = pg_catalog, pg_temp
as $$
  select case p_reason
    when 'canceling' then 'Somebody canceled it; its worker is told at the next heartbeat.'
    when 'lease_expiring' then 'Its worker stopped reporting; the next tick queues it again.'
    when 'running' then 'It is running.'
    when 'succeeded' then 'It has succeeded.'
    when 'failed' then 'Its handler said not to retry; retry_job queues it again.'
    when 'dead' then 'Its attempts are used up; retry_job queues it again.'
    when 'canceled' then 'It was canceled; retry_job queues it again.'
    when 'queue_paused' then 'Its queue is paused.'
    when 'scheduled' then 'It waits for its run_at.'
    when 'queue_at_max_running' then 'Its queue runs as many jobs as max_running allows.'
    when 'queue_rate_limited' then 'Its queue has used up its rate for now.'
    when 'quarantined' then 'Its lease expired twice: it waits for a run that holds nothing else.'
    when 'type_unknown_to_workers' then 'No worker has declared its type yet.'
    when 'waiting_for_a_worker' then 'It is ready; no worker is running yet.'
    when 'waiting_its_turn' then 'It is ready, behind other jobs of its queue or other queues.'
  end
$$;
comment on function jobforge.reason_text(text) is 'A reason of explain_job in words.';
