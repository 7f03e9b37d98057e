-- Enter a queue: jobs are counted into it, within its limit, and it is woken where needed.
--
-- No lost wake-up: the caller's transaction has its number before it reads the queue. Where it sees
-- the queue awake, a claim that parks the queue afterwards notes it in jobforge.parked_queues, and
-- looks again until every transaction of that time has ended. Where it sees the queue asleep, it
-- leaves a wake-up.

create function jobforge.take_slots(
  p_tenant_id uuid, p_queue_id int, p_queue text, p_count int)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set enable_sort = off
as $$
declare
  v_place tid;
  v_epoch bigint;
  v_taken bigint;
  v_free bigint;
begin
  -- One row of places that no other transaction holds and that is large enough, if no place is
  -- owed. Its present version may be newer than the snapshot, so it is changed in a statement of
  -- its own. The newest comes first: a transaction with many enqueues reads no version that it left
  -- behind.
  select unlocked.ctid into v_place from jobforge.queue_slots as unlocked
  where unlocked.queue_id = p_queue_id and unlocked.free >= p_count
    and not exists (
      select from jobforge.queue_slots as later
      where later.queue_id = p_queue_id and later.epoch > unlocked.epoch)
    and not exists (
      select from jobforge.queue_slots as owed
      where owed.queue_id = p_queue_id and owed.epoch = unlocked.epoch and owed.free < 0)
  order by unlocked.version desc
  limit 1
  for update skip locked;
  if found then
    update jobforge.queue_slots set free = queue_slots.free - p_count, version = default
    where queue_slots.ctid = v_place;
    return;
  end if;
  -- Or all rows that no other transaction holds, together. What is owed counts in any case.
  with unlocked as materialized (
    select queue_slots.ctid, queue_slots.epoch, queue_slots.free from jobforge.queue_slots
    where queue_slots.queue_id = p_queue_id
      and queue_slots.epoch = (select max(latest.epoch) from jobforge.queue_slots as latest
        where latest.queue_id = p_queue_id)
    for update skip locked
  ),
  taken as (
    delete from jobforge.queue_slots using unlocked where queue_slots.ctid = unlocked.ctid
    returning unlocked.epoch, unlocked.free
  )
  select max(taken.epoch), coalesce(sum(taken.free), 0), coalesce(sum(taken.free), 0) + coalesce((
      select sum(owed.free) from jobforge.queue_slots as owed
      where owed.queue_id = p_queue_id and owed.free < 0
        and owed.epoch = (select max(latest.epoch) from jobforge.queue_slots as latest
          where latest.queue_id = p_queue_id)
        and owed.ctid <> all (array(select unlocked.ctid from unlocked))), 0)
  into v_epoch, v_taken, v_free
  from taken;
  if v_free >= p_count then
    insert into jobforge.queue_slots (queue_id, epoch, free)
    values (p_queue_id, v_epoch, v_taken - p_count);
    return;
  end if;
  perform jobforge.refuse_full_queue(
    p_tenant_id, p_queue_id, p_queue, p_count, greatest(v_free, 0), v_epoch);
end
$$;
comment on function jobforge.take_slots(uuid, int, text, int) is
  'Takes places of a queue with max_queued, or raises queue_full. Places that another open '
  'transaction holds count as taken.';

create function jobforge.give_slots(p_queue_ids int[], p_counts int[])
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  insert into jobforge.queue_slots (queue_id, epoch, free)
  select given.queue_id, latest.epoch, given.count
  from unnest(p_queue_ids, p_counts) as given (queue_id, count)
  cross join lateral (
    select max(queue_slots.epoch) as epoch from jobforge.queue_slots
    where queue_slots.queue_id = given.queue_id) as latest
  where latest.epoch is not null and given.count <> 0;
end
$$;
comment on function jobforge.give_slots(int[], int[]) is
  'Gives places back to the queues that have max_queued. A negative count takes places for jobs '
  'that cannot be refused.';

create function jobforge.leave_queue(p_queue_ids int[])
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_queue_ids int[];
  v_counts int[];
begin
  select array_agg(counted.queue_id), array_agg(counted.count) into v_queue_ids, v_counts
  from (
    select gone.queue_id, count(*)::int as count from unnest(p_queue_ids) as gone (queue_id)
    where gone.queue_id > 0 group by gone.queue_id) as counted;
  insert into jobforge.queue_deltas (queue_id, returned)
  select gone.queue_id, -gone.count from unnest(v_queue_ids, v_counts) as gone (queue_id, count);
  perform jobforge.give_slots(v_queue_ids, v_counts);
end
$$;
comment on function jobforge.leave_queue(int[]) is
  'Counts jobs out of their queues that were not claimed. One entry for each job.';

create function jobforge.needs_wakeup(
  p_queue jobforge.queues, p_priority int, p_type text, p_now timestamptz)
returns boolean
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  -- At a higher isolation level the state may have been read before this transaction had its
  -- number.
  if current_setting('transaction_isolation') <> 'read committed' then
    return true;
  elsif p_queue.blocked or p_queue.runnable
    and p_priority >= coalesce(p_queue.cursor_priority, -32768)
    and jobforge.has_room(p_now, p_type)
  then
    return false;
  end if;
  -- A wake-up for several types may have needed no call, for other types than these.
  return p_type is null and jobforge.has_kinds() or not exists (
    select from jobforge.wakeups
    where wakeups.queue_id = p_queue.id and wakeups.ready
      and wakeups.type is not distinct from p_type);
end
$$;
comment on function jobforge.needs_wakeup(jobforge.queues, int, text, timestamptz) is
  'Whether ready work of a queue that is not paused needs a wake-up that it does not have yet: the '
  'queue sleeps, its cursor is past the work, or no run that takes it has room.';

create function jobforge.enter_queue(
  p_tenant_id uuid, p_queue text, p_count int, p_ready_priority int, p_later boolean, p_type text)
returns int
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_number constant xid8 := pg_current_xact_id();
  v_now constant timestamptz := jobforge.clock();
  v_queue jobforge.queues;
  v_settings record;
begin
  select q.* into v_queue from jobforge.queues as q
  where q.tenant_id = p_tenant_id and q.queue = p_queue;
  if not found then
    perform jobforge.refuse_erased(p_tenant_id);
    -- Only the default queue is made on first use, so that tenants cannot multiply their share.
    insert into jobforge.wakeups (queue_id, ready, type)
    values (0, p_ready_priority is not null, p_type);
    return 0;
  end if;
  select jobforge_queues.max_queued, jobforge_queues.paused, exists (
    select from jobforge.watches where watches.expires_at > v_now
      and watches.tenant_id = p_tenant_id and watches.job_id is null) as is_watched
  into strict v_settings
  from public.jobforge_queues
  where jobforge_queues.tenant_id = p_tenant_id and jobforge_queues.queue = p_queue;
  if v_settings.max_queued is not null then
    perform jobforge.take_slots(p_tenant_id, v_queue.id, p_queue, p_count);
  end if;
  insert into jobforge.queue_deltas (queue_id, enqueued) values (v_queue.id, p_count);
  if p_later then
    insert into jobforge.wakeups (queue_id, ready) values (v_queue.id, false);
  end if;
  if p_ready_priority is not null and not v_settings.paused
    and jobforge.needs_wakeup(v_queue, p_ready_priority, p_type, v_now)
  then
    insert into jobforge.wakeups (queue_id, type) values (v_queue.id, p_type);
  end if;
  if v_settings.is_watched then
    perform jobforge.send_hints(array[row(p_tenant_id, null)::jobforge.job_key], v_now);
  end if;
  return v_queue.id;
end
$$;
comment on function jobforge.enter_queue(uuid, text, int, int, boolean, text) is
  'Admits and counts jobs into a queue, wakes it and returns its id: zero when the tenant has no '
  'queue yet. p_ready_priority is the smallest priority of the jobs that are ready now, or null. '
  'p_type is their type, or null for several.';
