-- The state of each queue now, read from tallies and by index probes. It counts no backlog.

create function jobforge.ready_queues(p_limit int)
returns setof int
language plpgsql stable
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
as $$
begin
  return query
  with recursive found (queue_id, n) as (
    (select first.queue_id, 1 from jobforge.ready as first order by first.queue_id limit 1)
    union all
    select (select next.queue_id from jobforge.ready as next
      where next.queue_id > found.queue_id order by next.queue_id limit 1), found.n + 1
    from found
    where found.queue_id is not null and found.n < p_limit
  )
  select found.queue_id from found where found.queue_id is not null;
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
    (select leases.queue_id from jobforge.leases limit 10000)
    union
    (select q.id from jobforge.queues as q where q.wake_at is not null
      order by q.wake_at limit p_limit)
  ) as busy
  order by busy.queue_id
  limit p_limit;
end
$$;
comment on function jobforge.busy_queues(int) is
  'Returns the first queues with ready or running jobs, or with scheduled ones.';

create function jobforge.oldest_ready_at(p_queue jobforge.queues, p_now timestamptz)
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
    with recursive probed (priority, tenant_id, id, n) as (
      (select ready.priority, ready.tenant_id, ready.id, 1 from jobforge.ready
        where ready.queue_id = p_queue.id and (ready.priority, ready.id) >= (
            case when v_has_cursor then p_queue.cursor_priority else -32768 end,
            case when v_has_cursor then p_queue.cursor_id
              else '00000000-0000-0000-0000-000000000000' end)
        order by ready.priority, ready.id limit 1)
      union all
      select next.priority, next.tenant_id, next.id, probed.n + 1
      from probed
      cross join lateral (
        select ready.priority, ready.tenant_id, ready.id from jobforge.ready
        where ready.queue_id = p_queue.id and ready.priority > probed.priority
        order by ready.priority, ready.id limit 1) as next
      where probed.n < 8
    )
    select min(j.run_at) from probed
    join jobforge.jobs as j on j.tenant_id = probed.tenant_id and j.id = probed.id);
end
$$;
comment on function jobforge.oldest_ready_at(jobforge.queues, timestamptz) is
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
    select q.* from jobforge.queues as q
    where q.id in (select queue_id from jobforge.busy_queues(p_limit) as queue_id)
      and p_tenant_ids is null
    union all
    (select q.* from jobforge.queues as q
      where q.tenant_id = any (p_tenant_ids) order by q.id limit p_limit)
  ),
  entered as (
    select queue_deltas.queue_id,
      sum(queue_deltas.enqueued + queue_deltas.returned)::bigint as count
    from jobforge.queue_deltas
    where queue_deltas.queue_id = any (array(select chosen.id from chosen))
    group by queue_deltas.queue_id
  ),
  counted as (
    select chosen.id, chosen.tenant_id, chosen.queue::text, jobforge_queues.paused,
      greatest(coalesce(entered.count, 0) - chosen.claimed, 0) as queued,
      jobforge.running(chosen.id) as running, (
        select count(*) from (
          select from jobforge.scheduled where scheduled.queue_id = chosen.id
          limit 10000) as first) as later,
      (select count(*) from (
        select from jobforge.ready where ready.queue_id = chosen.id limit 101) as first) as ready,
      jobforge.oldest_ready_at(row(chosen.*)::jobforge.queues, p_now) as oldest_at
    from chosen
    join public.jobforge_queues
      on jobforge_queues.tenant_id = chosen.tenant_id and jobforge_queues.queue = chosen.queue
    left join entered on entered.queue_id = chosen.id
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
  from jobforge.queues as q join public.jobforge_queues
    on jobforge_queues.tenant_id = q.tenant_id and jobforge_queues.queue = q.queue
  where q.id = any (array(select queue_id from jobforge.ready_queues(1000) as queue_id))
    and not jobforge_queues.paused;
end
$$;
comment on function jobforge.waiting_queues(timestamptz) is
  'Returns the queues that are not paused and have ready jobs, and for how many seconds the oldest '
  'job of each has waited.';
