-- JobForge, chapter 7: queues at work.
--
-- A queue is runnable, or asleep: empty, at its cap, throttled or paused. Whoever gives a sleeping
-- queue something to do wakes it or leaves a wake-up; a claim that finds nothing parks it.

create function jobforge.wake_queues(p_queue_ids int[])
returns int[]
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_woken int[];
begin
  -- A queue earns no credit while it sleeps: it rejoins at the smallest virtual time at work, or,
  -- when all sleep, at the greatest ever reached.
  with free as materialized (
    select q.id from public.jobforge_queues as q
    where q.id = any (p_queue_ids)
    order by q.id
    for no key update skip locked
  ),
  woken as (
    update public.jobforge_queues as q
    set runnable = not q.paused,
      mark_at = null,
      vtime = case when q.runnable then q.vtime else greatest(q.vtime, coalesce(
        (select r.vtime from public.jobforge_queues as r
          where r.runnable order by r.vtime limit 1),
        (select r.vtime from public.jobforge_queues as r
          where not r.runnable order by r.vtime desc limit 1))) end
    from free
    where q.id = free.id
    returning q.id
  )
  select coalesce(array_agg(w.id), '{}') into v_woken from woken as w;
  return v_woken;
end
$$;
comment on function jobforge.wake_queues(int[]) is
  'Makes queues runnable and forgets their marks. Returns those it could lock.';

create function jobforge.wake_or_leave_note(p_queue_ids int[])
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_woken constant int[] := jobforge.wake_queues(p_queue_ids);
begin
  insert into jobforge.wakeups (queue_id)
  select w.id from unnest(p_queue_ids) as w (id) where w.id <> all (v_woken);
end
$$;
comment on function jobforge.wake_or_leave_note(int[]) is
  'Wakes queues; a queue that somebody holds gets a wake-up for the next claim.';

create function jobforge.promote(p_now timestamptz)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_is record;
  v_queue_ids int[];
  v_queue_id int;
begin
  select exists (select from public.jobforge_queues as q where q.wake_at <= p_now) as queue_due,
    exists (select from public.jobforge_jobs as j where j.scheduled and j.run_at <= p_now) as job_due,
    exists (select from jobforge.wakeups) as wakeup_left
  into v_is;
  if v_is.queue_due then
    with due as materialized (
      select q.id from public.jobforge_queues as q where q.wake_at <= p_now
      limit 100
      for no key update skip locked
    )
    select array_agg(d.id) into v_queue_ids from due as d;
    update public.jobforge_queues as q set wake_at = null where q.id = any (v_queue_ids);
    perform jobforge.wake_queues(v_queue_ids);
  end if;

  if v_is.job_due then
    with due as materialized (
      select j.tenant_id, j.id from public.jobforge_jobs as j
      where j.scheduled and j.run_at <= p_now
      order by j.run_at
      limit 500
      for no key update skip locked
    ),
    promoted as (
      update public.jobforge_jobs as j set scheduled = false
      from due where j.tenant_id = due.tenant_id and j.id = due.id
      returning j.queue_id
    )
    select array_agg(distinct p.queue_id order by p.queue_id) into v_queue_ids from promoted as p;
    foreach v_queue_id in array coalesce(v_queue_ids, '{}') loop
      perform pg_advisory_xact_lock_shared(jobforge.gate(), v_queue_id);
    end loop;
    perform jobforge.wake_or_leave_note(v_queue_ids);
  end if;

  if v_is.wakeup_left then
    select array_agg(distinct w.queue_id) into v_queue_ids
    from (select u.queue_id from jobforge.wakeups as u limit 1000) as w;
    v_queue_ids := jobforge.wake_queues(v_queue_ids);
    delete from jobforge.wakeups as w where w.queue_id = any (v_queue_ids);
  end if;
end
$$;
comment on function jobforge.promote(timestamptz) is
  'What became due by time or was left as a wake-up becomes claimable.';

create function jobforge.next_start(p_queue public.jobforge_queues)
returns timestamptz
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
begin
  return p_queue.tat - make_interval(secs =>
    (p_queue.rate_burst - 1) * p_queue.rate_period_ms / 1000.0 / p_queue.rate_limit);
end
$$;
comment on function jobforge.next_start(public.jobforge_queues) is
  'When the rate allows the next start; null without a rate or before the first start.';

create function jobforge.room(p_queue public.jobforge_queues, p_now timestamptz)
returns int
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_room bigint := 2147483647;
  v_interval double precision;
begin
  if p_queue.max_running is not null then
    -- claimed is read from the row the caller holds: newer than this statement's snapshot.
    v_room := p_queue.max_running - p_queue.claimed + coalesce((
      select sum(t.total) from jobforge.queue_tallies as t
      where t.queue_id = p_queue.id and t.side = 'r'), 0);
  end if;
  if p_queue.rate_limit is not null then
    v_interval := p_queue.rate_period_ms / 1000.0 / p_queue.rate_limit;
    v_room := least(v_room, floor(p_queue.rate_burst + 1e-6 - greatest(
      extract(epoch from p_queue.tat - p_now), 0)::double precision / v_interval)::bigint);
  end if;
  return greatest(v_room, 0);
end
$$;
comment on function jobforge.room(public.jobforge_queues, timestamptz) is
  'How many jobs of the queue may start now under its cap and its rate.';

create function jobforge.park(p_queue_id int, p_now timestamptz)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_queue public.jobforge_queues;
begin
  select q.* into v_queue from public.jobforge_queues as q where q.id = p_queue_id;
  if jobforge.next_start(v_queue) > p_now then
    update public.jobforge_queues as q
    set runnable = false, wake_at = jobforge.next_start(v_queue)
    where q.id = p_queue_id;
    return;
  end if;
  -- Refused while anybody may be adding work; then the queue stays runnable. Once the gate is ours,
  -- a new statement looks again, without the mark: an id may be older than its commit. The probe is
  -- ordered: a bare EXISTS may become a sequential scan.
  if pg_try_advisory_xact_lock(jobforge.gate(), p_queue_id) then
    update public.jobforge_queues as q
    set mark_at = null,
      runnable = coalesce(jobforge.running(q.id) < q.max_running, true)
        and (select j.id from public.jobforge_jobs as j
          where j.queue_id = p_queue_id and j.status = 'queued' and not j.scheduled
            and j.lease_expiries < 2
          order by j.priority, j.id limit 1) is not null
    where q.id = p_queue_id;
  end if;
end
$$;
comment on function jobforge.park(int, timestamptz) is
  'Takes a queue out of the claims'' way while it is throttled, at its cap or empty.';

create function jobforge.wait_for_a_queue()
returns boolean
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  -- Never by waiting for a row: a row that was skipped after its recheck failed stays locked, and two
  -- claims that each hold one such row and wait for the other's would deadlock.
  if not exists (select from public.jobforge_queues as q where q.runnable) then
    return false;
  end if;
  perform pg_sleep(0.003);
  return true;
end
$$;
comment on function jobforge.wait_for_a_queue() is
  'When peers hold every runnable queue: three milliseconds for one of them to commit.';
