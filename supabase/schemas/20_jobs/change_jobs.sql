-- Change jobs by filter, for retry_jobs and cancel_jobs.
--
-- One call reads a bounded range of a tenant's jobs and changes a bounded number of them. It skips
-- jobs that another transaction holds. Order of locks: jobs, then per queue the gate (shared),
-- admission, tallies.

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
as $$
declare
  v_scan_limit constant int := 50000;
  -- The id is made a moment before or after created_at is read.
  v_from constant uuid := coalesce(
    jobforge.first_id_at(p_filter.created_after - interval '1 second'), p_after);
  v_until constant uuid := jobforge.first_id_at(
    coalesce(p_filter.created_before, '9999-01-01') + interval '1 second');
  v_found jobforge.found_jobs;
begin
  -- Unsuccessful jobs have an index of their own. Only one of the two halves ever runs.
  with examined as materialized (
    (select j.id, j.status, j.type, j.queue, j.last_error ->> 'code' as error_code, j.created_at,
        j.cancel_requested_at is not null and j.status = 'running' as canceling
      from public.jobforge_jobs as j
      where p_ended and j.tenant_id = p_tenant_id and j.id > p_after
        and j.id >= v_from and j.id < v_until and j.status in ('failed', 'dead', 'canceled')
      order by j.id limit v_scan_limit)
    union all
    (select j.id, j.status, j.type, j.queue, j.last_error ->> 'code', j.created_at,
        j.cancel_requested_at is not null and j.status = 'running'
      from public.jobforge_jobs as j
      where not p_ended and j.tenant_id = p_tenant_id and j.id > p_after
        and j.id >= v_from and j.id < v_until
      order by j.id limit v_scan_limit)
  ),
  matched as (
    select examined.* from examined
    where examined.status = any (p_filter.status) and not examined.canceling
      and (p_filter.type is null or examined.type = any (p_filter.type))
      and (p_filter.queue is null or examined.queue = any (p_filter.queue))
      and (p_filter.error_code is null or examined.error_code = any (p_filter.error_code))
      and (p_filter.created_after is null or examined.created_at >= p_filter.created_after)
      and (p_filter.created_before is null or examined.created_at < p_filter.created_before)
    order by examined.id
    limit p_limit
  ),
  described as (
    select jsonb_agg(to_jsonb(sampled) - 'canceling' order by sampled.id) as sample
    from (select matched.* from matched order by matched.id limit 10) as sampled
  )
  select array_agg(matched.id order by matched.id), (select described.sample from described),
    case when count(*) = p_limit then (array_agg(matched.id order by matched.id desc))[1]
      when (select count(*) from examined) = v_scan_limit
        then (select examined.id from examined order by examined.id desc limit 1) end
  into v_found
  from matched;
  return v_found;
end
$$;
comment on function jobforge.find_jobs(uuid, jobforge.job_filter, boolean, uuid, int) is
  'Returns up to p_limit jobs after an id that pass the filter. Reads 50,000 jobs at most.';

create function jobforge.change_jobs(p_action text, p_tenant_id uuid, p_filter jsonb,
  p_after uuid, p_limit int, p_dry_run boolean)
returns jsonb
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_ended constant boolean := p_action = 'retry_jobs';
  v_filter constant jobforge.job_filter := case
    when v_ended then jobforge.job_filter(p_filter, '{dead,failed,canceled}', '{dead,failed}')
    else jobforge.job_filter(p_filter, '{queued,running}', '{queued,running}') end;
  v_found jobforge.found_jobs;
  v_held uuid[];
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

  select coalesce(array_agg(held.id), '{}') into v_held
  from (
    select j.id from public.jobforge_jobs as j
    where j.tenant_id = p_tenant_id and j.id = any (v_found.ids)
      and j.status = any (v_filter.status)
    order by j.id
    for no key update skip locked
  ) as held;
  if v_ended then
    perform jobforge.retry_ended(p_tenant_id, v_held);
  else
    perform jobforge.cancel(p_tenant_id, v_held);
  end if;
  perform jobforge.audit(p_action, p_tenant_id, null,
    jsonb_build_object('filter', p_filter, 'count', cardinality(v_held)));
  return jsonb_build_object('dry_run', false, 'count', cardinality(v_held),
    'skipped', coalesce(cardinality(v_found.ids), 0) - cardinality(v_held),
    'sample', coalesce(v_found.sample, '[]'), 'next', v_found.next);
end
$$;
comment on function jobforge.change_jobs(text, uuid, jsonb, uuid, int, boolean) is
  'Retries or cancels the jobs that a filter finds. A dry run only reports them. The caller has '
  'checked the tenant.';
