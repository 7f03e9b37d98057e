-- A page of one tenant's jobs, newest first.
--
-- The rows are read one by one until the page is full, so a filter that matches often is cheap. One
-- that matches seldom ends after a bounded number of rows, and the next call goes on from there.

create type jobforge.job_key as (
  tenant_id uuid,
  id uuid
);
comment on type jobforge.job_key is 'The key of a job.';

create type jobforge.job_page as (
  jobs jobforge.job_key[],
  next uuid
);
comment on type jobforge.job_page is
  'Jobs, newest first. The next page starts at the id next, which is null at the end.';

create function jobforge.open_status(
  p_queue_id int, p_priority int, p_run_at timestamptz, p_id uuid)
returns text
language plpgsql stable
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
as $$
begin
  -- One statement after the other, because each costs as much to begin as to execute.
  if exists (
    select from jobforge.ready where ready.queue_id = p_queue_id
      and ready.priority = p_priority and ready.id = p_id)
  then
    return 'queued';
  elsif exists (
    select from jobforge.scheduled where scheduled.queue_id = p_queue_id
      and scheduled.run_at = p_run_at and scheduled.id = p_id)
  then
    return 'scheduled';
  elsif exists (
    select from jobforge.leases where leases.queue_id = p_queue_id
      and p_id = any (leases.ids))
  then
    return 'running';
  end if;
  return case when p_queue_id = 0 and p_run_at > jobforge.clock() then 'scheduled'
    else 'queued' end;
end
$$;
comment on function jobforge.open_status(int, int, timestamptz, uuid) is
  'The status of a job that has not ended, from the place where it lies.';

create function jobforge.waiting_ids(
  p_tenant_id uuid, p_statuses text[], p_queue_ids int[], p_first uuid, p_from uuid, p_limit int)
returns uuid[]
language plpgsql stable
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
as $$
begin
  -- Ready jobs are kept by priority, so the newest of each priority are read.
  return array(
    with recursive priorities (queue_id, priority, n) as (
      select held.queue_id, (select min(ready.priority) from jobforge.ready
        where ready.queue_id = held.queue_id), 1
      from unnest(p_queue_ids) as held (queue_id)
      where 'queued' = any (p_statuses)
      union all
      select priorities.queue_id, (select min(ready.priority) from jobforge.ready
        where ready.queue_id = priorities.queue_id and ready.priority > priorities.priority),
        priorities.n + 1
      from priorities where priorities.priority is not null and priorities.n < 250
    )
    select found.id from (
      select newest.id from priorities cross join lateral (
        select ready.id from jobforge.ready
        where ready.queue_id = priorities.queue_id and ready.priority = priorities.priority
          and ready.id between p_first and p_from
        order by ready.id desc limit p_limit) as newest
      union all
      select newest.id from unnest(p_queue_ids) as held (queue_id) cross join lateral (
        select scheduled.id from jobforge.scheduled
        where scheduled.queue_id = held.queue_id and scheduled.id between p_first and p_from
        order by scheduled.id desc limit p_limit) as newest
      where 'scheduled' = any (p_statuses)
      union all
      select quarantined.id from jobforge.quarantined
      where quarantined.queue_id = any (p_queue_ids) and quarantined.id between p_first and p_from
        and 'queued' = any (p_statuses)
      union all
      select unclaimed.id from jobforge.unclaimed
      where unclaimed.queue_id = any (p_queue_ids) and unclaimed.id between p_first and p_from
        and 'queued' = any (p_statuses)
      union all
      select newcomers.id from jobforge.newcomers
      where newcomers.tenant_id = p_tenant_id and 0 = any (p_queue_ids)
        and newcomers.id between p_first and p_from
    ) as found
    order by found.id desc limit p_limit);
end
$$;
comment on function jobforge.waiting_ids(uuid, text[], int[], uuid, uuid, int) is
  'The newest waiting jobs of some queues, from an id back: queued, scheduled or both. Queue 0 has '
  'the first jobs of the tenant, until its queue is made.';

create function jobforge.newest_ids(p_tenant_id uuid, p_source text, p_statuses text[],
  p_queue_ids int[], p_first uuid, p_from uuid, p_limit int)
returns uuid[]
language plpgsql stable
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
as $$
begin
  return case p_source
    when 'running' then array(
      select member.id from jobforge.leases cross join lateral unnest(leases.ids) as member (id)
      where leases.tenant_id = p_tenant_id and member.id between p_first and p_from
      order by member.id desc limit p_limit)
    when 'waiting' then jobforge.waiting_ids(p_tenant_id, p_statuses, coalesce(p_queue_ids,
      array(select q.id from jobforge.queues as q where q.tenant_id = p_tenant_id
        union all select 0)), p_first, p_from, p_limit)
    when 'unsuccessful' then array(
      select unsuccessful_jobs.id from jobforge.unsuccessful_jobs
      where unsuccessful_jobs.tenant_id = p_tenant_id
        and unsuccessful_jobs.id between p_first and p_from
      order by unsuccessful_jobs.id desc limit p_limit)
    else array(
      select j.id from jobforge.jobs as j
      where j.tenant_id = p_tenant_id and j.id between p_first and p_from
      order by j.id desc limit p_limit) end;
end
$$;
comment on function jobforge.newest_ids(uuid, text, text[], int[], uuid, uuid, int) is
  'The newest jobs of a tenant from an id back: of all, or of those that run, wait or ended '
  'without success.';

create function jobforge.list_of_tenant(
  p_tenant_id uuid, p_filter jobforge.job_filter, p_source text, p_from uuid, p_limit int)
returns jobforge.job_page
language plpgsql stable
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set jit = off
as $$
declare
  v_scan_limit constant int := greatest(1000, p_limit + 1);
  v_queue_ids constant int[] := case when p_filter.queue is not null then array(
    select q.id from jobforge.queues as q
    where q.tenant_id = p_tenant_id and q.queue = any (p_filter.queue)
    union all select 0 where 'default' = any (p_filter.queue)) end;
  v_all_open constant boolean := p_source = 'running'
    or p_filter.status @> '{scheduled,queued,running}';
  v_any_open constant boolean := p_filter.status && '{scheduled,queued,running}';
  v_read constant uuid[] := jobforge.newest_ids(p_tenant_id, p_source, p_filter.status, v_queue_ids,
    jobforge.first_id_at(coalesce(p_filter.created_after, '1970-01-02') - interval '1 second'),
    least(p_from, jobforge.first_id_at(
      coalesce(p_filter.created_before, '9999-01-01') + interval '1 second')), v_scan_limit);
  v_ids uuid[];
begin
  v_ids := array(
    select j.id from unnest(v_read) with ordinality as listed (id)
    join jobforge.jobs as j on j.tenant_id = p_tenant_id and j.id = listed.id
    where (j.status = any (p_filter.status) or j.status is null and v_any_open and (v_all_open
        or jobforge.open_status(j.queue_id, j.priority, j.run_at, j.id) = any (p_filter.status)))
      and (p_filter.type is null or j.type = any (p_filter.type))
      and (v_queue_ids is null or j.queue_id = any (v_queue_ids))
      and (p_filter.error_code is null or j.last_error ->> 'code' = any (p_filter.error_code))
      and (p_filter.created_after is null or j.created_at >= p_filter.created_after)
      and (p_filter.created_before is null or j.created_at < p_filter.created_before)
    order by listed.ordinality limit p_limit + 1);
  return row(array(
    select row(p_tenant_id, listed.id)::jobforge.job_key
    from unnest(v_ids[:p_limit]) as listed (id)),
    coalesce(v_ids[p_limit + 1], v_read[v_scan_limit]))::jobforge.job_page;
end
$$;
comment on function jobforge.list_of_tenant(uuid, jobforge.job_filter, text, uuid, int) is
  'The newest jobs of a tenant from an id back that pass a filter.';
