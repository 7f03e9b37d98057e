-- JobForge, chapter 4: admission.
--
-- How jobs get into a queue: counted, within its limit, and never waiting for the queue's row.
-- Advisory locks, first key: 'JOB' and a number; second key: the queue.

create function jobforge.gate()
returns int
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
begin
  return 1246708225;
end
$$;
comment on function jobforge.gate() is
  'Held shared by whoever adds ready work to a queue, exclusively by a claim that parks it: '
  'a queue is never parked on a stale look.';

create function jobforge.admission()
returns int
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
begin
  return 1246708226;
end
$$;
comment on function jobforge.admission() is
  'Held while jobs are admitted to a queue with max_queued: exclusively close to the limit.';

create function jobforge.queued(p_queue_id int)
returns bigint
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return (
    select coalesce((
      select sum(t.total) from jobforge.queue_tallies as t
      where t.queue_id = p_queue_id and t.side in ('e', 'b')), 0)::bigint - q.claimed
    from public.jobforge_queues as q
    where q.id = p_queue_id);
end
$$;
comment on function jobforge.queued(int) is 'Jobs queued or scheduled, without counting them.';

create function jobforge.running(p_queue_id int)
returns bigint
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  -- A stale sum of releases only overestimates: the cap is never exceeded.
  return (
    select q.claimed - coalesce((
      select sum(t.total) from jobforge.queue_tallies as t
      where t.queue_id = p_queue_id and t.side = 'r'), 0)::bigint
    from public.jobforge_queues as q
    where q.id = p_queue_id);
end
$$;
comment on function jobforge.running(int) is 'Jobs running, without counting them.';

create function jobforge.tally_enqueued(p_queue_id int, p_count int)
returns int
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  -- Any shard that nobody holds: a long transaction of one caller stops no other. A scalar
  -- subquery, because it runs once: a join could repeat it, and lock and count in several shards. By
  -- key, not by ctid: the row that was locked may be newer than this statement's snapshot, which
  -- would not find it there, and a shard held for nothing makes deadlocks.
  update jobforge.queue_tallies as t set total = t.total + p_count
  where t.queue_id = p_queue_id and t.side = 'e' and t.shard = (
    select f.shard from jobforge.queue_tallies as f
    where f.queue_id = p_queue_id and f.side = 'e'
    limit 1
    for no key update skip locked);
  if not found then
    insert into jobforge.queue_tallies as t (queue_id, side, shard, total)
    values (p_queue_id, 'e', pg_backend_pid(), p_count)
    on conflict (queue_id, side, shard) do update set total = t.total + excluded.total;
  end if;
  return p_count;
end
$$;
comment on function jobforge.tally_enqueued(int, int) is
  'Counts jobs into a queue, or out of it when negative; returns how many.';

create function jobforge.room_in_seconds(p_queue_id int, p_missing bigint)
returns int
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return (
    select case
      when q.paused then 60
      when q.rate_limit is null then 5
      else least(greatest(
        ceil(p_missing * (q.rate_period_ms / 1000.0) / q.rate_limit), 1), 3600)::int end
    from public.jobforge_queues as q
    where q.id = p_queue_id);
end
$$;
comment on function jobforge.room_in_seconds(int, bigint) is
  'When a full queue may have room for so many more: by its rate, or a guess without one.';

create function jobforge.admit(p_queue_id int, p_max_queued int, p_count int)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_queued bigint;
begin
  -- Far from the limit callers pass side by side: even 256 calls like this one, none of which sees
  -- another, would fit. Close to it they pass one by one, each seeing all before it.
  if jobforge.queued(p_queue_id) + 512 * p_count <= p_max_queued then
    perform pg_advisory_xact_lock_shared(jobforge.admission(), p_queue_id);
    if jobforge.queued(p_queue_id) + 256 * p_count <= p_max_queued then
      return;
    end if;
  end if;
  perform pg_advisory_xact_lock(jobforge.admission(), p_queue_id);
  v_queued := jobforge.queued(p_queue_id);
  if v_queued + p_count > p_max_queued then
    perform jobforge.fail('queue_full',
      format('the queue holds %s jobs of at most %s; %s more do not fit',
        v_queued, p_max_queued, p_count),
      json_build_object('limit', p_max_queued, 'remaining', greatest(p_max_queued - v_queued, 0),
        'retry_after',
        jobforge.room_in_seconds(p_queue_id, v_queued + p_count - p_max_queued))::text);
  end if;
end
$$;
comment on function jobforge.admit(int, int, int) is
  'Raises queue_full unless so many more jobs fit under max_queued.';

create function jobforge.add_to_queue(
  p_tenant_id uuid, p_queue text, p_count int, p_ready_priority int)
returns int
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_gate record;
  v_queue record;
begin
  -- Tenants cannot multiply their share by more queues: only default is made on first use.
  for v_try in 1..2 loop
    select q.id, pg_advisory_xact_lock_shared(jobforge.gate(), q.id) into v_gate
    from public.jobforge_queues as q
    where q.tenant_id = p_tenant_id and q.queue = p_queue;
    exit when found or p_queue <> 'default';
    perform jobforge.refuse_erased(p_tenant_id);
    insert into public.jobforge_queues (tenant_id) values (p_tenant_id) on conflict do nothing;
  end loop;
  -- A new statement, so that it sees a queue parked before the gate was ours.
  select q.id, q.tenant_id, q.max_queued, q.max_running, q.paused, q.runnable, q.wake_at, q.mark_priority
  into v_queue
  from public.jobforge_queues as q where q.id = v_gate.id;
  if v_queue.tenant_id is distinct from p_tenant_id then
    perform jobforge.refuse_erased(p_tenant_id);
  end if;
  if v_queue.max_queued is not null then
    perform jobforge.admit(v_queue.id, v_queue.max_queued, p_count);
  end if;
  -- A queue at its cap is woken by the settlement that makes room, a throttled one by time.
  if jobforge.tally_enqueued(v_queue.id, p_count) = 0 or p_ready_priority is null or v_queue.paused
    or v_queue.runnable and p_ready_priority >= coalesce(v_queue.mark_priority, -32768)
    or not v_queue.runnable and (
      v_queue.wake_at is not null or jobforge.running(v_queue.id) >= v_queue.max_running)
  then
    return v_queue.id;
  end if;
  insert into jobforge.wakeups (queue_id) values (v_queue.id);
  return v_queue.id;
end
$$;
comment on function jobforge.add_to_queue(uuid, text, int, int) is
  'Admits and counts jobs into a queue, wakes it and returns its id. p_ready_priority: the smallest '
  'of those ready now, or null. The caller holds the queue''s gate, shared, from then on.';
