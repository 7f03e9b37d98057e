-- Reschedule a job: move the start of a job that waits.

create function jobforge.place_waiting(p_tenant_id uuid, p_job_id uuid, p_run_at timestamptz)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_job record;
begin
  update jobforge.jobs as j set run_at = p_run_at
  where j.tenant_id = p_tenant_id and j.id = p_job_id
  returning j.queue_id, j.priority, j.lease_expiries >= 2 as quarantined, j.ctid,
    octet_length(j.payload::text) as bytes into v_job;
  if v_job.queue_id = 0 then
    insert into jobforge.newcomers (tenant_id, id, bytes, run_at, scheduled)
    values (p_tenant_id, p_job_id, v_job.bytes, p_run_at, p_run_at > jobforge.clock());
  else
    -- A job that is due already goes this way too. The look that follows makes it ready.
    insert into jobforge.scheduled
      (queue_id, bytes, run_at, id, tenant_id, priority, quarantined, place)
    values (v_job.queue_id, v_job.bytes, p_run_at, p_job_id, p_tenant_id, v_job.priority,
      v_job.quarantined, v_job.ctid);
  end if;
  insert into jobforge.wakeups (queue_id, ready)
  values (v_job.queue_id, p_run_at <= jobforge.clock());
  perform jobforge.hint_jobs(array[row(p_tenant_id, p_job_id)::jobforge.job_key]);
end
$$;
comment on function jobforge.place_waiting(uuid, uuid, timestamptz) is
  'Lets a job wait until p_run_at. The caller took it out of its place.';

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
  v_job public.jobforge_jobs;
begin
  if p_run_at is null
    or p_run_at not between v_now - interval '366 days' and v_now + interval '366 days'
  then
    perform jobforge.fail('invalid_argument', 'p_run_at must be within 366 days of now');
  end if;
  for v_try in 1..50 loop
    v_job := jobforge.find_job(p_job_id, p_tenant_id);
    if v_job.status not in ('scheduled', 'queued') then
      perform jobforge.fail('wrong_state', format(
        'the job is %s: only scheduled and queued jobs are rescheduled', v_job.status));
    end if;
    exit when exists (select from jobforge.take_waiting(v_job.tenant_id, array[v_job.id]));
    if v_try = 50 then
      perform jobforge.fail_busy();
    end if;
    perform pg_sleep(0.02);
  end loop;
  perform jobforge.place_waiting(v_job.tenant_id, v_job.id, p_run_at);
  perform jobforge.audit('reschedule_job', v_job.tenant_id, v_job.id::text,
    jsonb_build_object('from', v_job.run_at, 'to', p_run_at));
  return query
  select v_job.id, case when p_run_at > v_now then 'scheduled' else 'queued' end, p_run_at;
end
$$;
comment on function jobforge.reschedule_job(uuid, timestamptz, uuid) is
  'Users: moves the start of a job that waits.';

create function public.jobforge_reschedule_job(
  p_job_id uuid, p_run_at timestamptz, p_tenant_id uuid default null)
returns table (job_id uuid, status text, run_at timestamptz)
language sql volatile
set search_path = pg_catalog, pg_temp
set statement_timeout = '2s'
as $$ select * from jobforge.reschedule_job(p_job_id, p_run_at, p_tenant_id) $$;
comment on function public.jobforge_reschedule_job(uuid, timestamptz, uuid) is
  'Users: moves the start of a job that waits.';
