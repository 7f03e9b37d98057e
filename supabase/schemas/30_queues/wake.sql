-- Wake-ups: a row in jobforge.wakeups states that a queue has ready work.
--
-- A caller that adds work to a sleeping queue wakes it. When another transaction holds the queue's
-- row, the caller leaves a wake-up instead.

create table jobforge.wakeups (
  id bigint generated always as identity primary key,
  queue_id int not null
);
comment on table jobforge.wakeups is
  'Queues to make runnable. All but claims only insert, so no caller waits for the row of a queue.';

create function jobforge.wake_queues(p_queue_ids int[])
returns int[]
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_woken int[];
begin
  -- A queue earns no credit while it sleeps. It rejoins at the smallest virtual time of those that
  -- are runnable, or, when all sleep, at the greatest virtual time ever reached.
  with free as materialized (
    select q.id from public.jobforge_queues as q
    where q.id = any (p_queue_ids)
    order by q.id
    for no key update skip locked
  ),
  woken as (
    update public.jobforge_queues as q
    set runnable = not q.paused,
      cursor_at = null,
      vtime = case when q.runnable then q.vtime else greatest(q.vtime, coalesce(
        (select q_awake.vtime from public.jobforge_queues as q_awake
          where q_awake.runnable order by q_awake.vtime limit 1),
        (select q_asleep.vtime from public.jobforge_queues as q_asleep
          where not q_asleep.runnable order by q_asleep.vtime desc limit 1))) end
    from free
    where q.id = free.id
    returning q.id
  )
  select coalesce(array_agg(woken.id), '{}') into v_woken from woken;
  return v_woken;
end
$$;
comment on function jobforge.wake_queues(int[]) is
  'Makes queues runnable and resets their cursors. Returns the queues that it could lock.';

create function jobforge.wake_or_add_wakeup(p_queue_ids int[])
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_woken constant int[] := jobforge.wake_queues(p_queue_ids);
begin
  insert into jobforge.wakeups (queue_id)
  select given.id from unnest(p_queue_ids) as given (id) where given.id <> all (v_woken);
end
$$;
comment on function jobforge.wake_or_add_wakeup(int[]) is
  'Wakes queues. A queue that another transaction holds gets a wake-up for the next claim.';

create function jobforge.wake_ready_queues(p_queue_ids int[], p_ready_ids int[])
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_locked int[];
  v_queue_id int;
begin
  select array_agg(q.id order by q.id) into v_locked from public.jobforge_queues as q
  where q.id = any (p_ready_ids) or q.id = any (p_queue_ids) and q.max_running is not null;
  if v_locked is null then
    return;
  end if;
  foreach v_queue_id in array v_locked loop
    perform pg_advisory_xact_lock_shared(jobforge.parking_lock(), v_queue_id);
  end loop;
  -- With the lock, and in a new statement: a claim may have parked the queue on older data.
  insert into jobforge.wakeups (queue_id)
  select q.id from public.jobforge_queues as q
  where q.id = any (v_locked) and not q.paused and (not q.runnable or q.id = any (p_ready_ids));
end
$$;
comment on function jobforge.wake_ready_queues(int[], int[]) is
  'Leaves wake-ups for queues that were at their cap and may start jobs again, and for queues that '
  'regained ready work.';

create function jobforge.wake_missed_queues()
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set jit = off
as $$
declare
  v_asleep int[];
begin
  -- A safety net below the wake-ups: reads the queues that have ready jobs, one index probe each.
  with recursive start as (
    select case when max(q.id) > 1000 then floor(random() * max(q.id))::int else 0 end as id
    from public.jobforge_queues as q
  ),
  probed (queue_id, n) as (
    (select j.queue_id, 1 from public.jobforge_jobs as j, start
      where j.queue_id >= start.id and j.status = 'queued' and not j.scheduled
        and j.lease_expiries < 2
      order by j.queue_id limit 1)
    union all
    select (select j.queue_id from public.jobforge_jobs as j
      where j.queue_id > probed.queue_id and j.status = 'queued' and not j.scheduled
        and j.lease_expiries < 2
      order by j.queue_id limit 1), probed.n + 1
    from probed
    where probed.queue_id is not null and probed.n < 1000
  )
  select array_agg(q.id) into v_asleep
  from probed join public.jobforge_queues as q on q.id = probed.queue_id
  where not q.runnable and not q.paused and q.wake_at is null
    and (q.max_running is null or jobforge.running(q.id) < q.max_running);
  if v_asleep is not null then
    perform jobforge.wake_queues(v_asleep);
  end if;
end
$$;
comment on function jobforge.wake_missed_queues() is
  'Wakes queues that sleep although they have ready jobs and may start them. Each dispatch reads '
  'up to 1,000 queues, from a random start when there are more.';
