-- Counters of a queue: exact, and never counted from rows.
--
-- Queued is enqueued + back - claimed. Running is claimed - released. The sums are kept in shards,
-- so that callers of one queue do not wait for each other. A stale sum only overestimates, so a
-- cap is never exceeded.

create domain jobforge.tally_side as "char" constraint side_is_known check (
  value in ('e', 'r', 'b'));
comment on domain jobforge.tally_side is 'e(nqueued), r(eleased from running), b(ack to queued).';

create table jobforge.queue_tallies (
  queue_id int not null,
  side jobforge.tally_side not null,
  shard int not null,
  total bigint not null default 0,
  primary key (queue_id, side, shard)
) with (
  fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000,
  autovacuum_vacuum_cost_delay = 0
);
comment on table jobforge.queue_tallies is
  'Sharded counters of a queue: e(nqueued), r(eleased from running), b(ack to queued).';

create function jobforge.queued(p_queue_id int)
returns bigint
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return (
    select coalesce((
      select sum(queue_tallies.total) from jobforge.queue_tallies
      where queue_tallies.queue_id = p_queue_id and queue_tallies.side in ('e', 'b')), 0)::bigint
      - q.claimed
    from public.jobforge_queues as q
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
  -- A stale sum of releases only overestimates: the cap is never exceeded.
  return (
    select q.claimed - coalesce((
      select sum(queue_tallies.total) from jobforge.queue_tallies
      where queue_tallies.queue_id = p_queue_id and queue_tallies.side = 'r'), 0)::bigint
    from public.jobforge_queues as q
    where q.id = p_queue_id);
end
$$;
comment on function jobforge.running(int) is
  'Returns how many jobs are running, without counting them.';

create function jobforge.tally_enqueued(p_queue_id int, p_count int)
returns int
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  -- Takes any unlocked shard, so a long transaction of one caller stops no other. A scalar subquery
  -- runs once. A join could repeat it, and lock and count in several shards. The update is by key,
  -- not by ctid: the locked row may be newer than this statement's snapshot. Then the ctid would
  -- find nothing, and a shard that is locked without being counted in causes deadlocks.
  update jobforge.queue_tallies set total = queue_tallies.total + p_count
  where queue_tallies.queue_id = p_queue_id and queue_tallies.side = 'e' and queue_tallies.shard = (
    select unlocked.shard from jobforge.queue_tallies as unlocked
    where unlocked.queue_id = p_queue_id and unlocked.side = 'e'
    limit 1
    for no key update skip locked);
  if not found then
    insert into jobforge.queue_tallies (queue_id, side, shard, total)
    values (p_queue_id, 'e', pg_backend_pid(), p_count)
    on conflict (queue_id, side, shard) do update set total = queue_tallies.total + excluded.total;
  end if;
  return p_count;
end
$$;
comment on function jobforge.tally_enqueued(int, int) is
  'Counts jobs into a queue, or out of it when p_count is negative. Returns p_count.';

create function jobforge.tally(p_side jobforge.tally_side, p_queue_ids int[])
returns int
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  -- In the order of ids, so that two runs that settle jobs of the same queues cannot deadlock.
  insert into jobforge.queue_tallies (queue_id, side, shard, total)
  select counted.queue_id, p_side, pg_backend_pid() % 8, count(*)
  from unnest(p_queue_ids) as counted (queue_id)
  group by counted.queue_id
  order by counted.queue_id
  on conflict (queue_id, side, shard) do update set total = queue_tallies.total + excluded.total;
  return cardinality(p_queue_ids);
end
$$;
comment on function jobforge.tally(jobforge.tally_side, int[]) is
  'Counts one job for each queue id, out of running (r) or back into queued (b). Returns how many.';
