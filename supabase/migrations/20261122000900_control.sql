-- JobForge, chapter 9: what users and operators do to jobs and queues.

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
  v_job public.jobforge_jobs := jobforge.lock_job(p_job_id, p_tenant_id);
  v_now constant timestamptz := jobforge.clock();
begin
  if v_job.status = 'queued' then
    update public.jobforge_jobs as j
    set status = 'canceled', scheduled = false, cancel_requested_at = v_now, finished_at = v_now
    where j.tenant_id = v_job.tenant_id and j.id = v_job.id
    returning j.* into v_job;
    perform jobforge.tally_enqueued(v_job.queue_id, -1);
  elsif v_job.status = 'running' then
    update public.jobforge_jobs as j set cancel_requested_at = coalesce(j.cancel_requested_at, v_now)
    where j.tenant_id = v_job.tenant_id and j.id = v_job.id
    returning j.* into v_job;
  elsif v_job.status <> 'canceled' then
    perform jobforge.fail('wrong_state', format('the job is %s already', v_job.status));
  end if;
  perform jobforge.audit('cancel_job', v_job.tenant_id, v_job.id::text, null);
  return query select v_job.id, v_job.status, v_job.cancel_requested_at is not null;
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
  update public.jobforge_jobs as j
  set status = 'queued', run_at = jobforge.clock(), finished_at = null, cancel_requested_at = null,
    lease_expiries = 0, progress = null, redriven_after = j.attempts,
    max_attempts = j.attempts + j.max_attempts - j.redriven_after
  where j.tenant_id = v_job.tenant_id and j.id = v_job.id;
  -- Older than what waits now: the priority below all others makes claims look behind their mark.
  perform jobforge.add_to_queue(v_job.tenant_id, v_job.queue, 1, -32768);
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

create function jobforge.queue_stats(p_tenant_id uuid)
returns table (tenant_id uuid, queue text, queued bigint, running bigint, weight real,
  max_running int, max_queued int, rate_limit int, rate_period_ms int, rate_burst int,
  paused boolean)
language plpgsql stable
security definer -- reads the tallies; bounded by the caller's tenants
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
begin
  return query
  select q.tenant_id, q.queue, jobforge.queued(q.id), jobforge.running(q.id), q.weight,
    q.max_running, q.max_queued, q.rate_limit, q.rate_period_ms, q.rate_burst, q.paused
  from public.jobforge_queues as q
  where q.tenant_id = any (jobforge.callers_tenants(p_tenant_id))
  order by q.tenant_id, q.queue;
end
$$;
comment on function jobforge.queue_stats(uuid) is
  'Queued (scheduled included) and running jobs per queue, without counting rows.';

create function jobforge.configure_queue(p_tenant_id uuid, p_queue text, p_settings jsonb)
returns setof public.jobforge_queues
language plpgsql
security definer -- operators only: tenants could raise their own limits
set search_path = pg_catalog, pg_temp
as $$
declare
  v_unknown text;
  v_before public.jobforge_queues;
  v_after public.jobforge_queues;
begin
  perform jobforge.require_service();
  if p_tenant_id is null or p_queue is null or jsonb_typeof(p_settings) is distinct from 'object' then
    perform jobforge.fail('invalid_argument', 'p_tenant_id, p_queue and p_settings are needed');
  end if;
  select k into v_unknown from jsonb_object_keys(p_settings) as k
  where k not in ('weight', 'max_running', 'max_queued', 'rate_limit', 'rate_period_ms',
    'rate_burst', 'paused')
  limit 1;
  if found then
    perform jobforge.fail('invalid_argument', format('p_settings: unknown setting %s; there are weight, '
      'max_running, max_queued, rate_limit, rate_period_ms, rate_burst and paused', v_unknown));
  end if;
  begin
    insert into public.jobforge_queues (tenant_id, queue) values (p_tenant_id, p_queue)
    on conflict do nothing;
    select q.* into strict v_before from public.jobforge_queues as q
    where q.tenant_id = p_tenant_id and q.queue = p_queue for no key update;
    v_after := jsonb_populate_record(v_before, p_settings);
    update public.jobforge_queues as q
    set weight = v_after.weight, max_running = v_after.max_running,
      max_queued = v_after.max_queued, rate_limit = v_after.rate_limit,
      rate_period_ms = v_after.rate_period_ms, rate_burst = v_after.rate_burst,
      paused = v_after.paused, wake_at = null, runnable = q.runnable and not v_after.paused,
      tat = case when (q.rate_limit, q.rate_period_ms, q.rate_burst) is not distinct from
        (v_after.rate_limit, v_after.rate_period_ms, v_after.rate_burst) then q.tat end
    where q.id = v_before.id
    returning q.* into v_after;
  exception when check_violation or not_null_violation or data_exception then
    perform jobforge.fail('invalid_argument', 'p_settings: a setting is out of range; see the table''s checks');
  end;
  -- Runnable until a claim finds that it may not start a job; this also calls a worker if none is
  -- there.
  insert into jobforge.wakeups (queue_id) select v_after.id where not v_after.paused;
  perform jobforge.audit('configure_queue', p_tenant_id, p_queue, p_settings);
  return next v_after;
end
$$;
comment on function jobforge.configure_queue(uuid, text, jsonb) is
  'Makes a queue or changes its settings; what p_settings leaves out stays.';
