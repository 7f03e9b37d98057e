-- Counters of a queue: exact, and never counted from rows of jobs.

create function jobforge.queued(p_queue_id int)
returns bigint
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return (
    select coalesce((
      select sum(queue_deltas.enqueued + queue_deltas.returned) from jobforge.queue_deltas
      where queue_deltas.queue_id = p_queue_id), 0)::bigint - q.claimed
    from jobforge.queues as q
    where q.id = p_queue_id);
end
$$;
comment on function jobforge.queued(int) is
  'Returns how many jobs are queued or scheduled, without counting them.';

create function jobforge.running(p_queue_id int)
returns bigint
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  -- A lease that just ended and is still seen only overestimates: the cap is never exceeded.
  return (
    select coalesce(sum(cardinality(leases.ids)), 0) from jobforge.leases
    where leases.queue_id = p_queue_id);
end
$$;
comment on function jobforge.running(int) is
  'Returns how many jobs are running, from the leases. Exact for a caller that holds the queue and '
  'begins a new statement.';

create function jobforge.compact_counters(p_limit int)
returns int
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_compacted int;
begin
  with taken as (
    delete from jobforge.queue_deltas
    where queue_deltas.ctid = any (array(
      select next.ctid from jobforge.queue_deltas as next
      limit p_limit
      for update skip locked))
    returning queue_deltas.queue_id, queue_deltas.enqueued, queue_deltas.returned
  ),
  compacted as (
    insert into jobforge.queue_deltas (queue_id, enqueued, returned)
    select taken.queue_id, sum(taken.enqueued), sum(taken.returned) from taken
    group by taken.queue_id
  )
  select count(*) into v_compacted from taken;
  return v_compacted;
end
$$;
comment on function jobforge.compact_counters(int) is
  'Compacts changes of counters into one row for each queue. Returns how many it read.';

create function jobforge.spread_slots()
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  -- The places of a queue are spread over eight rows, so that eight enqueues can be open at once.
  with taken as (
    delete from jobforge.queue_slots
    where queue_slots.ctid = any (array(
      select next.ctid from jobforge.queue_slots as next
      where next.queue_id in (
        select crowded.queue_id from jobforge.queue_slots as crowded
        group by crowded.queue_id
        having count(*) > 32 or count(*) < 8 and sum(crowded.free) >= 8
          or count(distinct crowded.epoch) > 1 or min(crowded.free) < 0)
      for update skip locked))
    returning queue_slots.queue_id, queue_slots.epoch, queue_slots.free
  ),
  latest as (
    select queue_slots.queue_id, max(queue_slots.epoch) as epoch from jobforge.queue_slots
    group by queue_slots.queue_id
  ),
  summed as (
    select taken.queue_id, taken.epoch, sum(taken.free) as free
    from taken join latest on latest.queue_id = taken.queue_id and latest.epoch = taken.epoch
    group by taken.queue_id, taken.epoch
  )
  insert into jobforge.queue_slots (queue_id, epoch, free)
  select summed.queue_id, summed.epoch, part.free
  from summed
  cross join lateral (
    select (summed.free / 8 + (n <= mod(summed.free, 8))::int)::int as free
    from generate_series(1, 8) as n
    where summed.free > 0
    union all
    select summed.free::int where summed.free <= 0) as part
  where part.free <> 0 or summed.free = 0;
  -- Places and counters of a snapshot add up to max_queued. What entered or left the queue in a
  -- transaction that did not know the limit yet is made up for.
  insert into jobforge.queue_slots (queue_id, epoch, free)
  select limited.queue_id, limited.epoch, limited.missing
  from (
    select held.queue_id, held.epoch, least(greatest(jobforge_queues.max_queued
      - jobforge.queued(held.queue_id) - held.free, -2147483648), 2147483647)::int as missing
    from (
      select queue_slots.queue_id, queue_slots.epoch, sum(queue_slots.free) as free,
        max(queue_slots.epoch) over (partition by queue_slots.queue_id) as latest
      from jobforge.queue_slots group by queue_slots.queue_id, queue_slots.epoch
    ) as held
    join jobforge.queues as q on q.id = held.queue_id and held.epoch = held.latest
    join public.jobforge_queues
      on jobforge_queues.tenant_id = q.tenant_id and jobforge_queues.queue = q.queue
    where jobforge_queues.max_queued is not null
  ) as limited
  where limited.missing <> 0;
end
$$;
comment on function jobforge.spread_slots() is
  'Spreads the free places of each queue with max_queued over eight rows, and deletes those of '
  'former limits.';
