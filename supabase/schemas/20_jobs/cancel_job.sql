-- Cancel a job: at once while it waits, at its next heartbeat while it runs.

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
  'Returns the job, locked. An unknown job and a job of another tenant raise the same not_found.';

create function jobforge.cancel(p_tenant_id uuid, p_ids uuid[])
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_now constant timestamptz := jobforge.clock();
  v_group record;
begin
  for v_group in
    with stopped as (
      update public.jobforge_jobs as j
      set status = case j.status when 'queued' then 'canceled' else j.status end,
        scheduled = false,
        cancel_requested_at = coalesce(j.cancel_requested_at, v_now),
        finished_at = case j.status when 'queued' then v_now end
      where j.tenant_id = p_tenant_id and j.id = any (p_ids) and j.status in ('queued', 'running')
      returning j.queue_id, j.status
    )
    select stopped.queue_id, count(*)::int as count
    from stopped
    where stopped.status = 'canceled'
    group by stopped.queue_id
    order by stopped.queue_id
  loop
    perform jobforge.tally_enqueued(v_group.queue_id, -v_group.count);
  end loop;
end
$$;
comment on function jobforge.cancel(uuid, uuid[]) is
  'Cancels queued jobs at once and requests that running ones stop. The caller has locked '
  'them.';

create function jobforge.cancel_job(p_job_id uuid, p_tenant_id uuid)
returns table (job_id uuid, status text, cancel_requested boolean)
language plpgsql
security definer -- writes jobs, bounded by the caller's tenants
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
  'Users: cancels a queued job at once and a running one at its next heartbeat.';

create function public.jobforge_cancel_job(p_job_id uuid, p_tenant_id uuid default null)
returns table (job_id uuid, status text, cancel_requested boolean)
language sql volatile
set search_path = pg_catalog, pg_temp
as $$ select * from jobforge.cancel_job(p_job_id, p_tenant_id) $$;
comment on function public.jobforge_cancel_job(uuid, uuid) is
  'Users: cancels a queued job at once and a running one at its next heartbeat.';
