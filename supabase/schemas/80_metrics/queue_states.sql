-- The state of each queue now, read from tallies and by index probes. No backlog is counted.

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
      where j.queue_id > r.queue_id and j.status = 'queued' and not j.scheduled
        and j.lease_expiries < 2
      order by j.queue_id limit 1), r.n + 1
    from ready as r
    where r.queue_id is not null and r.n < p_limit
  )
  select r.queue_id from ready as r where r.queue_id is not null;
end
$$;
comment on function jobforge.ready_queues(int) is
  'The first queues that have ready jobs, by one index probe each.';

create function jobforge.busy_queues(p_limit int)
returns setof int
language plpgsql stable
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
as $$
begin
  return query
  select b.queue_id
  from (
    select r as queue_id from jobforge.ready_queues(p_limit) as r
    union
    (select j.queue_id from jobforge.runs as r join public.jobforge_jobs as j on j.run_id = r.id
      where r.state = 'live' and j.status = 'running'
      limit 10000)
    union
    (select j.queue_id from public.jobforge_jobs as j where j.scheduled
      order by j.run_at limit 10000)
  ) as b
  order by b.queue_id
  limit p_limit;
end
$$;
comment on function jobforge.busy_queues(int) is
  'The first queues with ready or running jobs or with jobs that are due among the next 10,000.';

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
    with recursive first (priority, run_at, n) as (
      (select j.priority, j.run_at, 1 from public.jobforge_jobs as j
        where j.queue_id = p_queue.id and j.status = 'queued' and not j.scheduled
          and j.lease_expiries < 2 and (j.priority, j.id) >= (
            case when v_has_cursor then p_queue.cursor_priority else -32768 end,
            case when v_has_cursor then p_queue.cursor_id
              else '00000000-0000-0000-0000-000000000000' end)
        order by j.priority, j.id limit 1)
      union all
      select j.priority, j.run_at, f.n + 1
      from first as f
      cross join lateral (
        select j.priority, j.run_at from public.jobforge_jobs as j
        where j.queue_id = p_queue.id and j.status = 'queued' and not j.scheduled
          and j.lease_expiries < 2 and j.priority > f.priority
        order by j.priority, j.id limit 1) as j
      where f.n < 8
    )
    select min(f.run_at) from first as f);
end
$$;
comment on function jobforge.oldest_ready_at(public.jobforge_queues, timestamptz) is
  'Since when the queue''s first jobs have been ready: of each of its first eight priorities, from '
  'its mark on.';

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
    where q.id in (select b from jobforge.busy_queues(p_limit) as b) and p_tenant_ids is null
    union all
    (select q.* from public.jobforge_queues as q
      where q.tenant_id = any (p_tenant_ids) order by q.id limit p_limit)
  ),
  later as (
    select s.queue_id, count(*) as n
    from (
      select j.queue_id from public.jobforge_jobs as j where j.scheduled
      order by j.run_at limit 10000) as s
    group by s.queue_id
  ),
  tallied as (
    select t.queue_id, sum(t.total) filter (where t.side in ('e', 'b'))::bigint as entered,
      sum(t.total) filter (where t.side = 'r')::bigint as left_running
    from jobforge.queue_tallies as t
    where t.queue_id = any (array(select c.id from chosen as c))
    group by t.queue_id
  ),
  counted as (
    select q.id, q.tenant_id, q.queue::text, q.paused,
      greatest(coalesce(t.entered, 0) - q.claimed, 0) as queued,
      greatest(q.claimed - coalesce(t.left_running, 0), 0) as running, coalesce(l.n, 0) as later,
      (select count(*) from (
        select from public.jobforge_jobs as j
        where j.queue_id = q.id and j.status = 'queued' and not j.scheduled
          and j.lease_expiries < 2
        limit 101) as r) as ready,
      jobforge.oldest_ready_at(row(q.*)::public.jobforge_queues, p_now) as oldest_at
    from chosen as q
    left join tallied as t on t.queue_id = q.id
    left join later as l on l.queue_id = q.id
  )
  -- Up to a hundred ready jobs are looked at; beyond, it is all that is not known to be scheduled.
  select c.id, c.tenant_id, c.queue,
    case when c.ready <= 100 then c.ready else greatest(c.queued - c.later, c.ready) end,
    case when c.ready <= 100 then greatest(c.queued - c.ready, 0)
      else least(c.later, greatest(c.queued - c.ready, 0)) end,
    c.running, greatest(extract(epoch from p_now - c.oldest_at), 0)::float8, c.paused
  from counted as c
  where p_tenant_ids is not null or c.queued > 0 or c.running > 0
  order by c.id;
end
$$;
comment on function jobforge.queue_states(uuid[], int, timestamptz) is
  'What is in queues now: of some tenants, or of all that have jobs. Ready and scheduled are exact '
  'unless a queue has over 100 ready jobs while over 10,000 are scheduled.';

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
  where q.id = any (array(select r from jobforge.ready_queues(1000) as r)) and not q.paused;
end
$$;
comment on function jobforge.waiting_queues(timestamptz) is
  'Queues that are not paused and have ready jobs, and for how many seconds the oldest has waited.';
