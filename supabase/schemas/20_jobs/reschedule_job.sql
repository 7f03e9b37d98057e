-- Reschedule a job: move the start of a job that waits.

create function jobforge.reschedule_job(
  p_job_id uuid, p_run_at timestamptz, p_tenant_id uuid)
returns table (job_id uuid, status text, run_at timestamptz)
language plpgsql
security definer -- writes jobs, bounded by the caller's tenants
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
      format('the job is %s: only queued jobs are rescheduled', v_job.status));
  end if;
  -- A job that is due already is left to promote, which also wakes the queue.
  update public.jobforge_jobs as j set run_at = p_run_at, scheduled = true
  where j.tenant_id = v_job.tenant_id and j.id = v_job.id;
  if p_run_at <= v_now then
    perform pg_advisory_xact_lock_shared(jobforge.parking_lock(), v_job.queue_id);
    insert into jobforge.wakeups (queue_id) values (v_job.queue_id);
  end if;
  perform jobforge.audit('reschedule_job', v_job.tenant_id, v_job.id::text,
    jsonb_build_object('from', v_job.run_at, 'to', p_run_at));
  return query select v_job.id, 'queued', p_run_at;
end
$$;
comment on function jobforge.reschedule_job(uuid, timestamptz, uuid) is
  'Users: moves the start of a queued job.';

create function public.jobforge_reschedule_job(
  p_job_id uuid, p_run_at timestamptz, p_tenant_id uuid default null)
returns table (job_id uuid, status text, run_at timestamptz)
language sql volatile
set search_path = pg_catalog, pg_temp
as $$ select * from jobforge.reschedule_job(p_job_id, p_run_at, p_tenant_id) $$;
comment on function public.jobforge_reschedule_job(uuid, timestamptz, uuid) is
  'Users: moves the start of a queued job.';
