-- Look at queues: what is due becomes ready, and a queue becomes runnable or goes to sleep.
--
-- The one place where a queue changes between the two. It takes rows of queues by SKIP LOCKED and
-- waits for none. A queue that it could not take keeps its wake-up.

create function jobforge.lock_queues(p_queue_ids int[])
returns int[]
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  return array(
    select q.id from jobforge.queues as q
    where q.id = any (p_queue_ids)
      and not exists (select from jobforge.queue_faults where queue_faults.queue_id = q.id)
    order by q.id
    for no key update skip locked);
end
$$;
comment on function jobforge.lock_queues(int[]) is
  'Locks queues that no other transaction holds, and returns their ids.';

create function jobforge.ready_scheduled(p_queue_ids int[], p_now timestamptz)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
as $$
begin
  -- The same number for each queue, so that none waits behind the many jobs of another.
  with due as (
    delete from jobforge.scheduled using (
      select next.ctid
      from unnest(p_queue_ids) as held (queue_id)
      cross join lateral (
        select scheduled.ctid from jobforge.scheduled
        where scheduled.queue_id = held.queue_id and scheduled.run_at <= p_now
        order by scheduled.run_at, scheduled.id
        limit 250
        for update skip locked) as next) as first
    where scheduled.ctid = first.ctid
    returning scheduled.*
  ),
  readied as (
    insert into jobforge.ready (queue_id, bytes, priority, id, tenant_id, place)
    select due.queue_id, due.bytes, due.priority, due.id, due.tenant_id, due.place from due
    where not due.quarantined
  )
  insert into jobforge.quarantined (queue_id, priority, id, tenant_id, place)
  select due.queue_id, due.priority, due.id, due.tenant_id, due.place from due
  where due.quarantined;
end
$$;
comment on function jobforge.ready_scheduled(int[], timestamptz) is
  'Moves up to 250 due jobs of each queue from scheduled. The caller has locked the queues.';

create function jobforge.follow_rates(p_queue_ids int[], p_now timestamptz)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
as $$
begin
  update jobforge.queues as q
  set tat = p_now + make_interval(
      secs => jobforge.used_starts(q, p_now) * jobforge.rate_interval(jobforge_queues)),
    tat_interval = jobforge.rate_interval(jobforge_queues), tat_at = p_now
  from public.jobforge_queues
  where q.id = any (p_queue_ids) and jobforge_queues.tenant_id = q.tenant_id
    and jobforge_queues.queue = q.queue
    and jobforge_queues.rate_limit is not null
    and (q.tat_interval <> jobforge.rate_interval(jobforge_queues)
      or jobforge.tat_is_ahead(q.tat_at, p_now));
end
$$;
comment on function jobforge.follow_rates(int[], timestamptz) is
  'Computes tat anew for queues whose rate was changed, or when the clock was set back: as many '
  'starts stay used, and become free at the new rate. The caller has locked the queues.';

create function jobforge.look_at(p_queue_ids int[], p_now timestamptz, p_short boolean)
returns int[]
language plpgsql
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set jit = off
as $$
declare
  v_locked constant int[] := jobforge.lock_queues(p_queue_ids);
  v_floor constant numeric := coalesce(
    -- A queue that was short does not count for itself.
    (select q_awake.vtime from jobforge.queues as q_awake
      where q_awake.runnable and (not p_short or q_awake.id <> all (v_locked))
      order by q_awake.vtime limit 1),
    (select q_asleep.vtime from jobforge.queues as q_asleep
      where not q_asleep.runnable order by q_asleep.vtime desc limit 1));
  v_empty int[];
begin
  if v_locked = '{}' then
    return v_locked;
  end if;
  perform jobforge.ready_scheduled(v_locked, p_now);
  if not p_short then
    perform jobforge.follow_rates(v_locked, p_now);
  end if;
  -- A new statement, which sees what was committed before the locks. A queue earns no credit while
  -- it sleeps, nor while it is short of jobs that it could start.
  with seen as materialized (
    select q.id, has.ready, due.next_at, jobforge_queues.paused,
      jobforge_queues.max_running is not null as capped,
      jobforge_queues.max_running is not null
        and jobforge.running(q.id) >= jobforge_queues.max_running as at_cap,
      case when jobforge_queues.rate_limit is not null
        then jobforge.next_start(q, jobforge_queues, p_now) end as next_start
    from jobforge.queues as q
    join public.jobforge_queues
      on jobforge_queues.tenant_id = q.tenant_id and jobforge_queues.queue = q.queue
    cross join lateral (
      select (select ready.id from jobforge.ready where ready.queue_id = q.id
        order by ready.priority, ready.id limit 1) is not null as ready) as has
    left join lateral (
      select scheduled.run_at as next_at from jobforge.scheduled where scheduled.queue_id = q.id
      order by scheduled.run_at limit 1) as due on true
    where q.id = any (v_locked)
  ),
  decided as (
    select seen.*, seen.ready and not seen.paused
      and not seen.at_cap and coalesce(seen.next_start <= p_now, true) as runnable
    from seen
  ),
  changed as (
    update jobforge.queues as q
    set runnable = decided.runnable,
      blocked = decided.ready and not decided.runnable and not decided.paused,
      wake_at = least(decided.next_at, case when decided.ready and not decided.paused
        and decided.next_start > p_now then decided.next_start end),
      capped = decided.capped, cursor_at = null, cursor_priority = null,
      vtime = case when q.runnable and not p_short then q.vtime
        else greatest(q.vtime, v_floor) end
    from decided
    where q.id = decided.id
    returning q.id, decided.ready
  )
  select array_agg(changed.id) into v_empty from changed where not changed.ready;
  insert into jobforge.parked_queues (queue_id) select empty.id from unnest(v_empty) as empty (id);
  return v_locked;
end
$$;
comment on function jobforge.look_at(int[], timestamptz, boolean) is
  'Makes queues runnable or parks them, and notes when to look again. Returns the queues that it '
  'could lock. p_short: the caller found fewer jobs than they may start.';
