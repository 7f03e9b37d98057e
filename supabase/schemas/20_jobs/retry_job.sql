-- Retry a job by hand: a dead, failed or canceled job gets a fresh set of attempts.

create function jobforge.retry_ended(p_tenant_id uuid, p_ids uuid[])
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_now constant timestamptz := jobforge.clock();
  v_group record;
  v_queue_id int;
begin
  delete from jobforge.unsuccessful_jobs
  where unsuccessful_jobs.tenant_id = p_tenant_id and unsuccessful_jobs.id = any (p_ids);
  delete from jobforge.cancel_requests
  where cancel_requests.tenant_id = p_tenant_id and cancel_requests.job_id = any (p_ids);
  delete from jobforge.job_progress
  where job_progress.tenant_id = p_tenant_id and job_progress.job_id = any (p_ids);
  for v_group in
    select coalesce(q.queue::text, 'default') as queue, array_agg(j.id) as ids,
      min(j.priority) as priority
    from jobforge.jobs as j left join jobforge.queues as q on q.id = j.queue_id
    where j.tenant_id = p_tenant_id and j.id = any (p_ids)
    group by 1
    order by 1
  loop
    v_queue_id := jobforge.enter_queue(
      p_tenant_id, v_group.queue, cardinality(v_group.ids), v_group.priority, false, null);
    with again as (
      update jobforge.jobs as j
      set status = null, run_at = v_now, finished_at = null, started_at = null, run_id = null,
        cancel_requested_at = null, lease_expiries = 0, attempts_before_retry = j.attempts,
        queue_id = v_queue_id
      where j.tenant_id = p_tenant_id and j.id = any (v_group.ids)
      returning j.queue_id, j.priority, j.id, j.ctid, octet_length(j.payload::text) as bytes
    ),
    newcomers as (
      insert into jobforge.newcomers (tenant_id, id, bytes, run_at, scheduled)
      select p_tenant_id, again.id, again.bytes, v_now, false from again where again.queue_id = 0
    )
    insert into jobforge.ready (queue_id, bytes, priority, id, tenant_id, place)
    select again.queue_id, again.bytes, again.priority, again.id, p_tenant_id, again.ctid
    from again where again.queue_id > 0;
    -- These jobs are older than those that wait now, so the cursor may be past them.
    insert into jobforge.wakeups (queue_id) values (v_queue_id);
  end loop;
  perform jobforge.hint_jobs(array(
    select row(p_tenant_id, retried.id)::jobforge.job_key from unnest(p_ids) as retried (id)));
end
$$;
comment on function jobforge.retry_ended(uuid, uuid[]) is
  'Queues jobs that ended again, with a fresh set of attempts. The caller has locked their bodies.';

create function jobforge.retry_job(p_job_id uuid, p_tenant_id uuid)
returns table (job_id uuid, status text)
language plpgsql
security definer -- writes jobs, bounded by the caller's tenants
set search_path = pg_catalog, pg_temp
set lock_timeout = '1s'
as $$
#variable_conflict use_column
declare
  v_job public.jobforge_jobs := jobforge.find_job(p_job_id, p_tenant_id);
begin
  -- Only a body that has ended is locked: no run waits for it.
  perform from jobforge.jobs as j
  where j.tenant_id = v_job.tenant_id and j.id = v_job.id
    and j.status in ('dead', 'failed', 'canceled')
  for no key update;
  if not found then
    v_job := jobforge.find_job(p_job_id, p_tenant_id);
    perform jobforge.fail('wrong_state',
      format('the job is %s: only dead, failed and canceled jobs are retried', v_job.status));
  end if;
  perform jobforge.retry_ended(v_job.tenant_id, array[v_job.id]);
  perform jobforge.audit('retry_job', v_job.tenant_id, v_job.id::text,
    jsonb_build_object('from', v_job.status));
  return query select v_job.id, 'queued';
exception when lock_not_available then
  perform jobforge.fail_busy();
end
$$;
comment on function jobforge.retry_job(uuid, uuid) is
  'Users: queues a dead, failed or canceled job again with a fresh set of attempts.';

create function public.jobforge_retry_job(p_job_id uuid, p_tenant_id uuid default null)
returns table (job_id uuid, status text)
language sql volatile
set search_path = pg_catalog, pg_temp
set statement_timeout = '2s'
as $$ select * from jobforge.retry_job(p_job_id, p_tenant_id) $$;
comment on function public.jobforge_retry_job(uuid, uuid) is
  'Users: queues a dead, failed or canceled job again with a fresh set of attempts.';
