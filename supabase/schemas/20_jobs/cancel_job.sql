-- Cancel a job: at once while it waits, at its next heartbeat while it runs.

create type jobforge.cancellation as (
  canceled uuid[],
  requested uuid[]
);
comment on type jobforge.cancellation is
  'The jobs that were canceled at once, and those whose run was asked to stop them.';

create function jobforge.cancel(p_tenant_id uuid, p_ids uuid[])
returns jobforge.cancellation
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_now constant timestamptz := jobforge.clock();
  v_cancellation jobforge.cancellation;
  v_queue_ids int[];
begin
  select coalesce(array_agg(taken.id), '{}'), array_agg(taken.queue_id)
  into v_cancellation.canceled, v_queue_ids
  from jobforge.take_waiting(p_tenant_id, p_ids) as taken;
  update jobforge.jobs as j
  set status = 'canceled', cancel_requested_at = v_now, finished_at = v_now
  where j.tenant_id = p_tenant_id and j.id = any (v_cancellation.canceled);
  insert into jobforge.unsuccessful_jobs (tenant_id, id)
  select p_tenant_id, canceled.id from unnest(v_cancellation.canceled) as canceled (id);
  perform jobforge.leave_queue(v_queue_ids);
  -- The run that holds such a job reads the request. Its body stays untouched, so that the run
  -- never waits for this transaction.
  with requested as (
    insert into jobforge.cancel_requests (tenant_id, job_id, requested_at)
    select p_tenant_id, j.id, v_now from public.jobforge_jobs as j
    where j.tenant_id = p_tenant_id and j.id = any (p_ids)
      and j.id <> all (v_cancellation.canceled) and j.status = 'running'
    order by j.id
    on conflict do nothing
    returning cancel_requests.job_id
  )
  select coalesce(array_agg(requested.job_id), '{}') into v_cancellation.requested from requested;
  perform jobforge.hint_jobs(array(
    select row(p_tenant_id, changed.id)::jobforge.job_key
    from unnest(v_cancellation.canceled || v_cancellation.requested) as changed (id)));
  return v_cancellation;
end
$$;
comment on function jobforge.cancel(uuid, uuid[]) is
  'Cancels waiting jobs at once and requests that running ones stop. Skips jobs that another '
  'transaction holds.';

create function jobforge.cancel_job(p_job_id uuid, p_tenant_id uuid)
returns table (job_id uuid, status text, cancel_requested boolean)
language plpgsql
security definer -- writes jobs, bounded by the caller's tenants
set search_path = pg_catalog, pg_temp
set lock_timeout = '1s'
as $$
#variable_conflict use_column
declare
  v_job public.jobforge_jobs;
  v_cancellation jobforge.cancellation;
begin
  for v_try in 1..50 loop
    v_job := jobforge.find_job(p_job_id, p_tenant_id);
    if v_job.status in ('succeeded', 'failed', 'dead') then
      perform jobforge.fail('wrong_state', format('the job is %s already', v_job.status));
    end if;
    exit when v_job.status = 'canceled' or v_job.status = 'running'
      and v_job.cancel_requested_at is not null;
    v_cancellation := jobforge.cancel(v_job.tenant_id, array[v_job.id]);
    exit when v_cancellation.canceled || v_cancellation.requested <> '{}';
    if v_try = 50 then
      perform jobforge.fail_busy();
    end if;
    perform pg_sleep(0.02);
  end loop;
  perform jobforge.audit('cancel_job', v_job.tenant_id, v_job.id::text,
    jsonb_build_object('from', v_job.status));
  return query
  select j.id, j.status, j.cancel_requested_at is not null from public.jobforge_jobs as j
  where j.tenant_id = v_job.tenant_id and j.id = v_job.id;
exception when lock_not_available then
  perform jobforge.fail_busy();
end
$$;
comment on function jobforge.cancel_job(uuid, uuid) is
  'Users: cancels a waiting job at once and a running one at its next heartbeat.';

create function public.jobforge_cancel_job(p_job_id uuid, p_tenant_id uuid default null)
returns table (job_id uuid, status text, cancel_requested boolean)
language sql volatile
set search_path = pg_catalog, pg_temp
set statement_timeout = '2s'
as $$ select * from jobforge.cancel_job(p_job_id, p_tenant_id) $$;
comment on function public.jobforge_cancel_job(uuid, uuid) is
  'Users: cancels a waiting job at once and a running one at its next heartbeat.';
