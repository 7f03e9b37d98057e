-- Promote: queues that have a wake-up, something due, or that were parked a moment ago are looked
-- at. Tenants without a queue get theirs.

create function jobforge.woken_beyond(p_from int)
returns table (id bigint, queue_id int)
language sql volatile
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
as $$
  with recursive woken (queue_id, n) as (
    select min(wakeups.queue_id), 1 from jobforge.wakeups where wakeups.queue_id >= p_from
    union all
    select (select min(wakeups.queue_id) from jobforge.wakeups
      where wakeups.queue_id > woken.queue_id), woken.n + 1
    from woken where woken.queue_id is not null and woken.n < 200
  )
  select first.id, woken.queue_id
  from woken cross join lateral (
    select wakeups.id from jobforge.wakeups
    where wakeups.queue_id = woken.queue_id limit 10) as first
$$;
comment on function jobforge.woken_beyond(int) is
  'Returns a few wake-ups each of up to 200 queues, from a queue on.';

create function jobforge.look_at_woken(p_now timestamptz)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_ids bigint[];
  v_queue_ids int[];
  v_looked int[];
  v_settled boolean;
begin
  select array_agg(oldest.id), array_agg(distinct oldest.queue_id) into v_ids, v_queue_ids
  from (select wakeups.id, wakeups.queue_id from jobforge.wakeups
    order by wakeups.id limit 1000) as oldest;
  if cardinality(v_ids) = 1000 then
    -- The wake-ups of one tenant do not keep those of others waiting. The first queue is random, so
    -- that each comes up.
    select v_ids || array_agg(beyond.id), v_queue_ids || array_agg(distinct beyond.queue_id)
    into v_ids, v_queue_ids
    from jobforge.woken_beyond((
      select case when random() < 0.5 then 0 else floor(random() * max(wakeups.queue_id)) end
      from jobforge.wakeups)::int) as beyond;
  end if;
  if 0 = any (v_queue_ids) then
    v_queue_ids := v_queue_ids || jobforge.settle_newcomers(100, p_now);
  end if;
  v_looked := jobforge.look_at(v_queue_ids, p_now, false);
  -- Once, and not for each wake-up: it goes over all tenants whose queue cannot be made.
  v_settled := 0 = any (v_queue_ids)
    and jobforge.next_newcomer('00000000-0000-0000-0000-000000000000', p_now) is null;
  delete from jobforge.wakeups
  where wakeups.ctid = any (array(
    select done.ctid from jobforge.wakeups as done
    where done.id = any (v_ids) and (done.queue_id = any (v_looked)
      or done.queue_id = 0 and v_settled
      or done.queue_id > 0 and not exists (
        select from jobforge.queues as q where q.id = done.queue_id)
      or exists (select from jobforge.queue_faults where queue_faults.queue_id = done.queue_id))
    for update skip locked));
end
$$;
comment on function jobforge.look_at_woken(timestamptz) is
  'Looks at up to 1,200 queues that have a wake-up. The wake-ups of queues that it could not lock '
  'stay.';

create function jobforge.look_at_parked(p_limit int, p_now timestamptz)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
as $$
declare
  v_snapshot constant pg_snapshot := pg_current_snapshot();
  v_ctids tid[];
  v_filled int[];
  v_looked int[] := '{}'::int[];
begin
  -- From a random queue on, so that each comes up although an old transaction keeps many here.
  select array_agg(noted.ctid), array_agg(distinct noted.queue_id) filter (
    where (select ready.id from jobforge.ready where ready.queue_id = noted.queue_id
      order by ready.priority, ready.id limit 1) is not null)
  into v_ctids, v_filled
  from (
    select parked_queues.ctid, parked_queues.queue_id from jobforge.parked_queues
    where parked_queues.queue_id >= (
      select case when random() < 0.5 then 0
        else floor(random() * max(greatest_one.queue_id)) end
      from jobforge.parked_queues as greatest_one)
    order by parked_queues.queue_id
    limit p_limit) as noted;
  if v_filled is not null then
    v_looked := jobforge.look_at(v_filled, p_now, false);
  end if;
  -- The first look after the one that parked notes the horizon. A look that finds nothing once
  -- every transaction before the horizon has ended is the last. A later horizon replaces an
  -- earlier.
  with locked as materialized (
    select parked_queues.ctid, parked_queues.queue_id, parked_queues.horizon
    from jobforge.parked_queues
    where parked_queues.ctid = any (v_ctids)
    for update skip locked
  ),
  done as (
    delete from jobforge.parked_queues
    where parked_queues.ctid = any (array(
      select locked.ctid from locked
      where locked.queue_id = any (v_looked)
        or locked.queue_id <> all (coalesce(v_filled, '{}')) and (
          not jobforge.is_open_before(locked.horizon, v_snapshot)
          or exists (select from locked as fresh
            where fresh.queue_id = locked.queue_id and fresh.horizon is null
              and fresh.ctid <> locked.ctid
              and (locked.horizon is not null or fresh.ctid > locked.ctid)))))
    returning parked_queues.ctid as gone
  )
  update jobforge.parked_queues set horizon = pg_snapshot_xmax(v_snapshot)
  where parked_queues.horizon is null and parked_queues.ctid = any (array(
    select locked.ctid from locked where locked.ctid not in (select done.gone from done)));
end
$$;
comment on function jobforge.look_at_parked(int, timestamptz) is
  'Looks again at queues that were parked, until every enqueue that may have seen them awake has '
  'ended.';

create function jobforge.promote(p_now timestamptz)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_queue_ids int[];
begin
  if exists (select from jobforge.parked_queues) then
    perform jobforge.look_at_parked(500, p_now);
  end if;
  if exists (select from jobforge.wakeups) then
    perform jobforge.look_at_woken(p_now);
  end if;
  select array_agg(due.id) into v_queue_ids
  from (select q.id from jobforge.queues as q where q.wake_at <= p_now
    order by q.wake_at limit 100) as due;
  if v_queue_ids is not null then
    perform jobforge.look_at(v_queue_ids, p_now, false);
  end if;
end
$$;
comment on function jobforge.promote(timestamptz) is
  'Makes claimable what became due by time or was left as a wake-up.';

create function jobforge.look_at_missed(p_now timestamptz)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set jit = off
as $$
declare
  v_missed int[];
begin
  -- A safety net below the wake-ups: the queues that have ready jobs, one index probe each.
  with recursive start as (
    select case when max(q.id) > 1000 then floor(random() * max(q.id))::int else 0 end as id
    from jobforge.queues as q
  ),
  probed (queue_id, n) as (
    (select ready.queue_id, 1 from jobforge.ready, start
      where ready.queue_id >= start.id order by ready.queue_id limit 1)
    union all
    select (select ready.queue_id from jobforge.ready
      where ready.queue_id > probed.queue_id order by ready.queue_id limit 1), probed.n + 1
    from probed
    where probed.queue_id is not null and probed.n < 1000
  )
  select array_agg(q.id) into v_missed
  from probed join jobforge.queues as q on q.id = probed.queue_id
  join public.jobforge_queues
    on jobforge_queues.tenant_id = q.tenant_id and jobforge_queues.queue = q.queue
  where not q.runnable and not jobforge_queues.paused
    and (jobforge.available_starts(q, jobforge_queues, p_now) > 0
      or jobforge.tat_is_ahead(q.tat_at, p_now));
  if v_missed is not null then
    perform jobforge.look_at(v_missed, p_now, false);
  end if;
  if exists (select from jobforge.newcomers) then
    perform jobforge.look_at(jobforge.settle_newcomers(1000, p_now), p_now, false);
  end if;
  delete from jobforge.failed_newcomers where failed_newcomers.ctid = any (array(
    select gone.ctid from jobforge.failed_newcomers as gone
    where gone.failed_at < p_now - interval '1 hour'
    for update skip locked));
end
$$;
comment on function jobforge.look_at_missed(timestamptz) is
  'Looks at queues that sleep although they have ready jobs and may start them. Maintenance '
  'reads up to 1,000 queues at a time, from a random start when there are more.';
