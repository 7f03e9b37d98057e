-- Retry a job by hand: a dead, failed or canceled job gets a fresh set of attempts.

create function jobforge.retry_ended(p_tenant_id uuid, p_ids uuid[])
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_now constant timestamptz := jobforge.clock();
  v_group record;
begin
  for v_group in
    with retried as (
      update public.jobforge_jobs as j
      set status = 'queued', run_at = v_now, finished_at = null, cancel_requested_at = null,
        lease_expiries = 0, progress = null, attempts_before_retry = j.attempts,
        max_attempts = j.attempts + j.max_attempts - j.attempts_before_retry
      where j.tenant_id = p_tenant_id and j.id = any (p_ids)
      returning j.queue
    )
    select retried.queue, count(*)::int as count
    from retried
    group by retried.queue
    order by retried.queue
  loop
    -- These jobs are older than those that wait now. The priority below all others makes claims
    -- read from before their cursor.
    perform jobforge.add_to_queue(p_tenant_id, v_group.queue, v_group.count, -32768);
  end loop;
end
$$;
comment on function jobforge.retry_ended(uuid, uuid[]) is
  'Queues finished jobs again with a fresh set of attempts. The caller has locked them.';

create function jobforge.retry_job(p_job_id uuid, p_tenant_id uuid)
returns table (job_id uuid, status text)
language plpgsql
security definer -- writes jobs, bounded by the caller's tenants
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  v_job public.jobforge_jobs := jobforge.lock_job(p_job_id, p_tenant_id);
begin
  if v_job.status not in ('dead', 'failed', 'canceled') then
    perform jobforge.fail('wrong_state',
      format('the job is %s: only dead, failed and canceled jobs are retried', v_job.status));
  end if;
  perform jobforge.retry_ended(v_job.tenant_id, array[v_job.id]);
  perform jobforge.audit('retry_job', v_job.tenant_id, v_job.id::text,
    jsonb_build_object('from', v_job.status));
  return query select v_job.id, 'queued';
end
$$;
comment on function jobforge.retry_job(uuid, uuid) is
  'Users: queues a dead, failed or canceled job again with a fresh set of attempts.';

create function public.jobforge_retry_job(p_job_id uuid, p_tenant_id uuid default null)
returns table (job_id uuid, status text)
language sql volatile
set search_path = pg_catalog, pg_temp
as $$ select * from jobforge.retry_job(p_job_id, p_tenant_id) $$;
comment on function public.jobforge_retry_job(uuid, uuid) is
  'Users: queues a dead, failed or canceled job again with a fresh set of attempts.';
