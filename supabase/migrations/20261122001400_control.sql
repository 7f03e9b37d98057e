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
