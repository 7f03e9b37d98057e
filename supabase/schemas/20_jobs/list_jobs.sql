-- List jobs, newest first.
--
-- A page is found by walking back from an id through the existing indexes. A filter that matches
-- few jobs could walk for long. So one call reads 1,000 jobs at most and returns where the next
-- one continues.

create function jobforge.jobs_to_read(
  p_tenant_ids uuid[], p_filter jobforge.job_filter, p_source text, p_limit int, p_tenants int)
returns int
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  -- When every job passes the filter, a page and the next id are enough.
  select case when (p_source <> 'any' and p_filter.status @> '{failed,dead,canceled}'
        or p_filter.status @> '{scheduled,queued,running,succeeded,failed,dead,canceled}')
      and num_nonnulls(p_filter.type, p_filter.queue, p_filter.error_code,
        p_filter.created_after, p_filter.created_before) = 0
    then p_limit + 1
    else greatest(1000 / greatest(least(count(distinct q.tenant_id), p_tenants), 1),
      p_limit + 1)::int end
  from jobforge.queues as q
  where p_tenant_ids is null or q.tenant_id = any (p_tenant_ids)
$$;
comment on function jobforge.jobs_to_read(uuid[], jobforge.job_filter, text, int, int) is
  'How many jobs of each tenant a page reads at most.';

-- A page of the newest jobs can only come from the tenants that have the newest ones.
create function jobforge.newest_jobs(
  p_tenant_ids uuid[], p_source text, p_first uuid, p_from uuid, p_tenants int)
returns table (tenant_id uuid, id uuid, rank bigint)
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select tenants.tenant_id, newest.id,
    row_number() over (order by newest.id desc, tenants.tenant_id) as rank
  from (
    select q.tenant_id from jobforge.queues as q where p_tenant_ids is null
    union
    -- A tenant whose first jobs have just come has no queue yet.
    select newcomers.tenant_id from jobforge.newcomers where p_tenant_ids is null
    union
    select named.id from unnest(p_tenant_ids) as named (id)
  ) as tenants
  cross join lateral (
    (select j.id from jobforge.jobs as j
      where p_source = 'any' and j.tenant_id = tenants.tenant_id and j.id between p_first and p_from
      order by j.id desc limit 1)
    union all
    (select unsuccessful_jobs.id from jobforge.unsuccessful_jobs
      where p_source = 'unsuccessful' and unsuccessful_jobs.tenant_id = tenants.tenant_id
        and unsuccessful_jobs.id between p_first and p_from
      order by unsuccessful_jobs.id desc limit 1)
  ) as newest
  order by newest.id desc, tenants.tenant_id
  limit p_tenants + 1
$$;
comment on function jobforge.newest_jobs(uuid[], text, uuid, uuid, int) is
  'The newest job of each tenant, newest first. One tenant more than a page reads.';

create function jobforge.newest_keys(
  p_tenant_ids uuid[], p_source text, p_first uuid, p_from uuid, p_limit int)
returns jobforge.job_page
language plpgsql stable
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set jit = off
as $$
declare
  v_tenants constant int := 200;
  v_page jobforge.job_page;
begin
  with newest as materialized (
    select * from jobforge.newest_jobs(p_tenant_ids, p_source, p_first, p_from, v_tenants)
  ),
  listed as materialized (
    select of_tenant.tenant_id, of_tenant.id from newest
    cross join lateral (
      (select j.tenant_id, j.id from jobforge.jobs as j
        where p_source = 'any' and j.tenant_id = newest.tenant_id
          and j.id between p_first and p_from
        order by j.id desc limit p_limit)
      union all
      (select unsuccessful_jobs.tenant_id, unsuccessful_jobs.id from jobforge.unsuccessful_jobs
        where p_source = 'unsuccessful' and unsuccessful_jobs.tenant_id = newest.tenant_id
          and unsuccessful_jobs.id between p_first and p_from
        order by unsuccessful_jobs.id desc limit p_limit)
    ) as of_tenant
    where newest.rank <= v_tenants
    union all -- no more than the runs hold
    select leases.tenant_id, member.id
    from jobforge.leases cross join lateral unnest(leases.ids) as member (id)
    where p_source = 'running' and member.id between p_first and p_from
      and (p_tenant_ids is null or leases.tenant_id = any (p_tenant_ids))
  ),
  -- From this id back, jobs may be unread.
  cut_off as (
    select (array_agg(listed.id order by listed.id))[1] as id from listed
    where p_source <> 'running'
    group by listed.tenant_id having count(*) = p_limit
    union all select newest.id from newest where newest.rank > v_tenants
    order by id desc limit 1
  )
  select array_agg(row(listed.tenant_id, listed.id)::jobforge.job_key
    order by listed.id desc, listed.tenant_id) filter (
      where cut_off.id is null or listed.id > cut_off.id),
    (select cut_off.id from cut_off)
  into v_page
  from listed left join cut_off on true;
  return v_page;
end
$$;
comment on function jobforge.newest_keys(uuid[], text, uuid, uuid, int) is
  'The newest jobs of some tenants, from an id back: up to p_limit of each. They are complete as '
  'far as next, from which jobs may be unread. Null tenants mean all of them.';

create function jobforge.list_jobs_before(
  p_tenant_ids uuid[], p_filter jobforge.job_filter, p_source text, p_from uuid, p_limit int)
returns jobforge.job_page
language plpgsql stable
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set jit = off
as $$
declare
  v_all_open constant boolean := p_source = 'running'
    or p_filter.status @> '{scheduled,queued,running}';
  v_any_open constant boolean := p_filter.status && '{scheduled,queued,running}';
  v_read constant jobforge.job_page := jobforge.newest_keys(p_tenant_ids, p_source,
    jobforge.first_id_at(coalesce(p_filter.created_after, '1970-01-02') - interval '1 second'),
    least(p_from, jobforge.first_id_at(
      coalesce(p_filter.created_before, '9999-01-01') + interval '1 second')),
    jobforge.jobs_to_read(p_tenant_ids, p_filter, p_source, p_limit, 200));
  v_found jobforge.job_key[];
begin
  v_found := array(
    select row(j.tenant_id, j.id)::jobforge.job_key
    from unnest(v_read.jobs) with ordinality as listed (tenant_id, id, ordinality)
    join jobforge.jobs as j on j.tenant_id = listed.tenant_id and j.id = listed.id
    where (j.status = any (p_filter.status) or j.status is null and v_any_open and (v_all_open
        or jobforge.open_status(j.queue_id, j.priority, j.run_at, j.id) = any (p_filter.status)))
      and (p_filter.type is null or j.type = any (p_filter.type))
      and (p_filter.queue is null or coalesce((
        select q.queue::text from jobforge.queues as q where q.id = j.queue_id), 'default')
        = any (p_filter.queue))
      and (p_filter.error_code is null or j.last_error ->> 'code' = any (p_filter.error_code))
      and (p_filter.created_after is null or j.created_at >= p_filter.created_after)
      and (p_filter.created_before is null or j.created_at < p_filter.created_before)
    order by listed.ordinality limit p_limit + 1);
  return row(v_found[:p_limit],
    coalesce((v_found[p_limit + 1]).id, v_read.next))::jobforge.job_page;
end
$$;
comment on function jobforge.list_jobs_before(uuid[], jobforge.job_filter, text, uuid, int) is
  'The newest jobs from an id back that pass a filter. Null tenants mean all of them.';

create function jobforge.list_jobs(p_tenant_id uuid, p_filter jsonb, p_from uuid, p_limit int)
returns jsonb
language plpgsql stable
security definer -- services read all tenants at once, users are bounded by their tenants
set search_path = pg_catalog, pg_temp
as $$
declare
  v_statuses constant text[] := '{scheduled,queued,running,succeeded,failed,dead,canceled}'::text[];
  v_tenant_ids constant uuid[] := case when p_tenant_id is not null or not jobforge.is_service()
    then jobforge.callers_tenants(p_tenant_id) end;
  v_filter constant jobforge.job_filter := jobforge.job_filter(p_filter, v_statuses, v_statuses);
  v_source text;
  v_page jobforge.job_page;
begin
  if p_limit is null or p_limit not between 1 and 200 then
    perform jobforge.fail('invalid_argument', 'p_limit must be from 1 to 200');
  end if;
  v_source := case when v_filter.status <@ '{running}' then 'running'
    when v_filter.status <@ '{failed,dead,canceled}' then 'unsuccessful'
    when v_filter.status <@ '{scheduled,queued}' and cardinality(v_tenant_ids) = 1 then 'waiting'
    else 'any' end;
  v_page := case when cardinality(v_tenant_ids) = 1
    then jobforge.list_of_tenant(v_tenant_ids[1], v_filter, v_source,
      coalesce(p_from, 'ffffffff-ffff-ffff-ffff-ffffffffffff'), p_limit)
    else jobforge.list_jobs_before(v_tenant_ids, v_filter, v_source,
      coalesce(p_from, 'ffffffff-ffff-ffff-ffff-ffffffffffff'), p_limit) end;
  return jsonb_build_object('next', v_page.next, 'jobs', (
    select coalesce(jsonb_agg(jsonb_build_object('tenant_id', j.tenant_id, 'id', j.id,
      'queue', j.queue, 'type', j.type, 'status', j.status, 'priority', j.priority,
      'scheduled', j.scheduled, 'run_at', j.run_at, 'attempts', j.attempts,
      'max_attempts', j.max_attempts, 'error_code', left(j.last_error ->> 'code', 100),
      'cancel_requested_at', j.cancel_requested_at, 'created_at', j.created_at,
      'started_at', j.started_at, 'finished_at', j.finished_at) order by listed.ordinality), '[]')
    from unnest(v_page.jobs) with ordinality as listed
    join public.jobforge_jobs as j on j.tenant_id = listed.tenant_id and j.id = listed.id));
end
$$;
comment on function jobforge.list_jobs(uuid, jsonb, uuid, int) is
  'Users: jobs by filter, newest first, without payloads. The following page starts at next.';

create function public.jobforge_list_jobs(p_tenant_id uuid default null,
  p_filter jsonb default '{}', p_from uuid default null, p_limit int default 50)
returns jsonb
language sql stable
set search_path = pg_catalog, pg_temp
as $$ select jobforge.list_jobs(p_tenant_id, p_filter, p_from, p_limit) $$;
comment on function public.jobforge_list_jobs(uuid, jsonb, uuid, int) is
  'Users: jobs by filter, newest first. A service that names no tenant gets those of all.';
