-- The state of each queue now, read from tallies and by index probes. It counts no backlog.

create function jobforge.ready_queues(p_limit int)
returns setof int
language plpgsql stable
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
as $$
begin
  return query
  with recursive ready (queue_id, n) as (
    (select j.queue_id, 1 from public.jobforge_jobs as j
      where j.status = 'queued' and not j.scheduled and j.lease_expiries < 2
      order by j.queue_id limit 1)
    union all
    select (select j.queue_id from public.jobforge_jobs as j
      where j.queue_id > ready.queue_id and j.status = 'queued' and not j.scheduled
        and j.lease_expiries < 2
      order by j.queue_id limit 1), ready.n + 1
    from ready
    where ready.queue_id is not null and ready.n < p_limit
  )
  select ready.queue_id from ready where ready.queue_id is not null;
end
$$;
comment on function jobforge.ready_queues(int) is
  'Returns the first queues that have ready jobs, by one index probe each.';

create function jobforge.busy_queues(p_limit int)
returns setof int
language plpgsql stable
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
as $$
begin
  return query
  select busy.queue_id
  from (
    select queue_id from jobforge.ready_queues(p_limit) as queue_id
    union
    (select j.queue_id from jobforge.runs as r join public.jobforge_jobs as j on j.run_id = r.id
      where r.state = 'live' and j.status = 'running'
      limit 10000)
    union
    (select j.queue_id from public.jobforge_jobs as j where j.scheduled
      order by j.run_at limit 10000)
  ) as busy
  order by busy.queue_id
  limit p_limit;
end
$$;
comment on function jobforge.busy_queues(int) is
  'Returns the first queues with ready or running jobs, or with one of the next 10,000 scheduled '
  'jobs.';

create function jobforge.oldest_ready_at(p_queue public.jobforge_queues, p_now timestamptz)
returns timestamptz
language plpgsql stable
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
as $$
declare
  v_has_cursor constant boolean :=
    coalesce(p_queue.cursor_at > p_now - interval '2 seconds', false);
begin
  return (
    with recursive probed (priority, run_at, n) as (
      (select j.priority, j.run_at, 1 from public.jobforge_jobs as j
        where j.queue_id = p_queue.id and j.status = 'queued' and not j.scheduled
          and j.lease_expiries < 2 and (j.priority, j.id) >= (
            case when v_has_cursor then p_queue.cursor_priority else -32768 end,
            case when v_has_cursor then p_queue.cursor_id
              else '00000000-0000-0000-0000-000000000000' end)
        order by j.priority, j.id limit 1)
      union all
      select next.priority, next.run_at, probed.n + 1
      from probed
      cross join lateral (
        select j.priority, j.run_at from public.jobforge_jobs as j
        where j.queue_id = p_queue.id and j.status = 'queued' and not j.scheduled
          and j.lease_expiries < 2 and j.priority > probed.priority
        order by j.priority, j.id limit 1) as next
      where probed.n < 8
    )
    select min(probed.run_at) from probed);
end
$$;
comment on function jobforge.oldest_ready_at(public.jobforge_queues, timestamptz) is
  'Returns since when the queue''s first jobs have been ready: the first job of each of its first '
  'eight priorities, from its cursor on.';

create function jobforge.queue_states(p_tenant_ids uuid[], p_limit int, p_now timestamptz)
returns table (queue_id int, tenant_id uuid, queue text, ready bigint, scheduled bigint,
  running bigint, oldest_ready_seconds double precision, paused boolean)
language plpgsql stable
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
as $$
#variable_conflict use_column
begin
  return query
  with chosen as materialized (
    select q.* from public.jobforge_queues as q
    where q.id in (select queue_id from jobforge.busy_queues(p_limit) as queue_id)
      and p_tenant_ids is null
    union all
    (select q.* from public.jobforge_queues as q
      where q.tenant_id = any (p_tenant_ids) order by q.id limit p_limit)
  ),
  later as (
    select next.queue_id, count(*) as n
    from (
      select j.queue_id from public.jobforge_jobs as j where j.scheduled
      order by j.run_at limit 10000) as next
    group by next.queue_id
  ),
  tallied as (
    select queue_tallies.queue_id,
      sum(queue_tallies.total) filter (where queue_tallies.side in ('e', 'b'))::bigint as entered,
      sum(queue_tallies.total) filter (where queue_tallies.side = 'r')::bigint as left_running
    from jobforge.queue_tallies
    where queue_tallies.queue_id = any (array(select chosen.id from chosen))
    group by queue_tallies.queue_id
  ),
  counted as (
    select chosen.id, chosen.tenant_id, chosen.queue::text, chosen.paused,
      greatest(coalesce(tallied.entered, 0) - chosen.claimed, 0) as queued,
      greatest(chosen.claimed - coalesce(tallied.left_running, 0), 0) as running,
      coalesce(later.n, 0) as later,
      (select count(*) from (
        select from public.jobforge_jobs as j
        where j.queue_id = chosen.id and j.status = 'queued' and not j.scheduled
          and j.lease_expiries < 2
        limit 101) as first) as ready,
      jobforge.oldest_ready_at(row(chosen.*)::public.jobforge_queues, p_now) as oldest_at
    from chosen
    left join tallied on tallied.queue_id = chosen.id
    left join later on later.queue_id = chosen.id
  )
  -- Up to a hundred ready jobs are counted. Beyond that, every job counts that is not known to be
  -- scheduled.
  select counted.id, counted.tenant_id, counted.queue,
    case when counted.ready <= 100 then counted.ready
      else greatest(counted.queued - counted.later, counted.ready) end,
    case when counted.ready <= 100 then greatest(counted.queued - counted.ready, 0)
      else least(counted.later, greatest(counted.queued - counted.ready, 0)) end,
    counted.running, greatest(extract(epoch from p_now - counted.oldest_at), 0)::float8,
    counted.paused
  from counted
  where p_tenant_ids is not null or counted.queued > 0 or counted.running > 0
  order by counted.id;
end
$$;
comment on function jobforge.queue_states(uuid[], int, timestamptz) is
  'Returns the counts of queues now: of some tenants, or of all queues that have jobs. Ready and '
  'scheduled are exact, unless a queue has over 100 ready jobs while over 10,000 are scheduled.';

create function jobforge.waiting_queues(p_now timestamptz)
returns table (queue_id int, seconds double precision)
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
begin
  return query
  select q.id, extract(epoch from p_now - jobforge.oldest_ready_at(q, p_now))::float8
  from public.jobforge_queues as q
  where q.id = any (array(select queue_id from jobforge.ready_queues(1000) as queue_id))
    and not q.paused;
end
$$;
comment on function jobforge.waiting_queues(timestamptz) is
  'Returns the queues that are not paused and have ready jobs, and for how many seconds the oldest '
  'job of each has waited.';
