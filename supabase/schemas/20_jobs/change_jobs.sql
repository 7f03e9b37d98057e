-- Change jobs by filter, for retry_jobs and cancel_jobs.
--
-- One call reads a bounded range of a tenant's jobs and changes a bounded number of them. It skips
-- jobs that another transaction holds.

create type jobforge.found_jobs as (
  ids uuid[],
  sample jsonb,
  next uuid
);
comment on type jobforge.found_jobs is
  'The jobs that a filter found, with a description of ten. The next call continues after next, '
  'which is null at the end.';

create function jobforge.find_jobs(
  p_tenant_id uuid, p_filter jobforge.job_filter, p_ended boolean, p_after uuid, p_limit int)
returns jobforge.found_jobs
language plpgsql stable
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
as $$
declare
  v_scan_limit constant int := 20000;
  -- The id is made a moment before or after created_at is read.
  v_from constant uuid := greatest(p_after, jobforge.first_id_at(
    coalesce(p_filter.created_after, '1970-01-02') - interval '1 second'));
  v_until constant uuid := jobforge.first_id_at(
    coalesce(p_filter.created_before, '9999-01-01') + interval '1 second');
  v_queue_ids constant int[] := case when p_filter.queue is not null then array(
    select q.id from jobforge.queues as q
    where q.tenant_id = p_tenant_id and q.queue = any (p_filter.queue)
    union all select 0 where 'default' = any (p_filter.queue)) end;
  v_read uuid[];
  v_ids uuid[];
begin
  v_read := case when p_ended then array(
      select unsuccessful_jobs.id from jobforge.unsuccessful_jobs
      where unsuccessful_jobs.tenant_id = p_tenant_id and unsuccessful_jobs.id > p_after
        and unsuccessful_jobs.id >= v_from and unsuccessful_jobs.id < v_until
      order by unsuccessful_jobs.id limit v_scan_limit)
    else array(
      select j.id from jobforge.jobs as j
      where j.tenant_id = p_tenant_id and j.id > p_after and j.id >= v_from and j.id < v_until
      order by j.id limit v_scan_limit) end;
  v_ids := array(
    select j.id from unnest(v_read) with ordinality as listed (id)
    join jobforge.jobs as j on j.tenant_id = p_tenant_id and j.id = listed.id
    where (j.status = any (p_filter.status) or j.status is null and not p_ended
        and jobforge.open_status(j.queue_id, j.priority, j.run_at, j.id) = any (p_filter.status)
        and not exists (
          select from jobforge.cancel_requests where cancel_requests.tenant_id = p_tenant_id
            and cancel_requests.job_id = j.id))
      and (p_filter.type is null or j.type = any (p_filter.type))
      and (v_queue_ids is null or j.queue_id = any (v_queue_ids))
      and (p_filter.error_code is null or j.last_error ->> 'code' = any (p_filter.error_code))
      and (p_filter.created_after is null or j.created_at >= p_filter.created_after)
      and (p_filter.created_before is null or j.created_at < p_filter.created_before)
    order by listed.ordinality limit p_limit);
  return row(v_ids, (
    select jsonb_agg(to_jsonb(sampled) order by sampled.id)
    from (
      select j.id, j.status, j.type, j.queue, j.last_error ->> 'code' as error_code, j.created_at
      from public.jobforge_jobs as j
      where j.tenant_id = p_tenant_id and j.id = any (v_ids[:10])) as sampled),
    case when cardinality(v_ids) = p_limit then v_ids[p_limit]
      else v_read[v_scan_limit] end)::jobforge.found_jobs;
end
$$;
comment on function jobforge.find_jobs(uuid, jobforge.job_filter, boolean, uuid, int) is
  'Returns up to p_limit jobs after an id that pass the filter. Reads 20,000 jobs at most.';

create function jobforge.change_jobs(p_action text, p_tenant_id uuid, p_filter jsonb,
  p_after uuid, p_limit int, p_dry_run boolean)
returns jsonb
language plpgsql
set search_path = pg_catalog, pg_temp
set lock_timeout = '1s' -- a cancellation of the same running job in a transaction that is open
as $$
declare
  v_ended constant boolean := p_action = 'retry_jobs';
  v_filter constant jobforge.job_filter := case
    when v_ended then jobforge.job_filter(p_filter, '{dead,failed,canceled}', '{dead,failed}')
    else jobforge.job_filter(p_filter, '{scheduled,queued,running}',
      '{scheduled,queued,running}') end;
  v_found jobforge.found_jobs;
  v_held uuid[];
  v_cancellation jobforge.cancellation;
begin
  if p_limit is null or p_limit not between 1 and 10000 then
    perform jobforge.fail('invalid_argument', 'p_limit must be from 1 to 10000');
  end if;
  v_found := jobforge.find_jobs(p_tenant_id, v_filter, v_ended,
    coalesce(p_after, '00000000-0000-0000-0000-000000000000'), p_limit);
  v_held := coalesce(v_found.ids, '{}');
  if p_dry_run is not false then
    return jsonb_build_object('dry_run', true, 'count', cardinality(v_held), 'skipped', 0,
      'sample', coalesce(v_found.sample, '[]'), 'next', v_found.next);
  end if;

  if v_ended then
    select coalesce(array_agg(held.id), '{}') into v_held
    from (
      select j.id from jobforge.jobs as j
      where j.tenant_id = p_tenant_id and j.id = any (v_found.ids)
        and j.status = any (v_filter.status)
      order by j.id
      for no key update skip locked
    ) as held;
    perform jobforge.retry_ended(p_tenant_id, v_held);
  else
    v_cancellation := jobforge.cancel(p_tenant_id, v_found.ids);
    v_held := v_cancellation.canceled || v_cancellation.requested;
  end if;
  perform jobforge.audit(p_action, p_tenant_id, null,
    jsonb_build_object('filter', p_filter, 'count', cardinality(v_held)));
  return jsonb_build_object('dry_run', false, 'count', cardinality(v_held),
    'skipped', coalesce(cardinality(v_found.ids), 0) - cardinality(v_held),
    'sample', coalesce(v_found.sample, '[]'), 'next', v_found.next);
exception when lock_not_available then
  perform jobforge.fail_busy();
  return null;
end
$$;
comment on function jobforge.change_jobs(text, uuid, jsonb, uuid, int, boolean) is
  'Retries or cancels the jobs that a filter finds. A dry run only reports them. The caller has '
  'checked the tenant.';
