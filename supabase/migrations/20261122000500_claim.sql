-- JobForge, chapter 5: the scheduler.
--
-- Claims serve queues by virtual time: each start moves its queue by 1 / weight, the smallest is
-- served next, so that busy queues share the workers by weight and a newcomer is served at once.
-- Limits cost O(1): a queue at its cap or rate is parked, never walked and never waited for.
--
-- A claim holds queue rows and then takes job rows with SKIP LOCKED. It waits for at most one
-- queue, and only while it holds none; so claims cannot deadlock with anything.

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
  v_queue_ids int[];
  v_queue_id int;
begin
  if exists (select from public.jobforge_queues as q where q.wake_at <= p_now) then
    with due as materialized (
      select q.id from public.jobforge_queues as q where q.wake_at <= p_now
      limit 100
      for no key update skip locked
    )
    select array_agg(d.id) into v_queue_ids from due as d;
    update public.jobforge_queues as q set wake_at = null where q.id = any (v_queue_ids);
    perform jobforge.wake_queues(v_queue_ids);
  end if;

  if exists (select from public.jobforge_jobs as j where j.scheduled and j.run_at <= p_now) then
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

  select array_agg(distinct w.queue_id) into v_queue_ids
  from (select u.queue_id from jobforge.wakeups as u limit 1000) as w;
  if v_queue_ids is not null then
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

create type jobforge.pick as (
  queue_id int,
  quota int,
  claimed bigint,
  mark_priority smallint,
  mark_id uuid
);
comment on type jobforge.pick is 'A queue a claim holds, and how many of its jobs it may take.';

create function jobforge.pick_queues(p_width int, p_count int, p_except int[], p_now timestamptz)
returns setof jobforge.pick
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  return query
  with held as materialized (
    select q.*
    from public.jobforge_queues as q
    where q.runnable and q.id <> all (p_except)
    order by q.vtime
    limit p_width
    for no key update skip locked
  ),
  -- p_count starts lift the queues with the smallest virtual times to one common level.
  levels as (
    select (p_count + sum(h.weight::float8 * h.vtime) over smaller)
      / sum(h.weight::float8) over smaller as level
    from held as h
    window smaller as (order by h.vtime, h.id rows unbounded preceding)
  )
  select h.id,
    least(
      ceil(h.weight * (l.level - h.vtime) - 1e-9)::int,
      case when h.max_running is null and h.rate_limit is null then p_count
        else jobforge.room(row(h.*)::public.jobforge_queues, p_now) end),
    h.claimed,
    case when h.mark_at > p_now - interval '2 seconds' then h.mark_priority
      else (-32768)::smallint end,
    case when h.mark_at > p_now - interval '2 seconds' then h.mark_id
      else '00000000-0000-0000-0000-000000000000' end
  from held as h, (select min(level) as level from levels) as l
  where h.vtime < l.level;
end
$$;
comment on function jobforge.pick_queues(int, int, int[], timestamptz) is
  'Locks up to p_width runnable queues and shares p_count starts among them by weight.';

create function jobforge.lease(
  p_run_id bigint, p_tenant_ids uuid[], p_ids uuid[], p_now timestamptz)
returns setof json
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  return query
  with token as materialized (select nextval('jobforge.lease_tokens') as token),
  leased as (
    update public.jobforge_jobs as j
    set status = 'running', attempts = j.attempts + 1, run_id = p_run_id,
      lease_token = t.token, started_at = p_now
    from token as t, unnest(p_tenant_ids, p_ids) as p (tenant_id, id)
    where j.tenant_id = p.tenant_id and j.id = p.id
    returning j.*
  ),
  started as (
    select l.queue_id, count(*)::int as count, max(l.priority) as priority,
      (array_agg(l.id order by l.priority desc, l.id desc))[1] as id
    from leased as l
    group by l.queue_id
  ),
  moved as (
    update public.jobforge_queues as q
    set vtime = q.vtime + s.count / q.weight,
      claimed = q.claimed + s.count,
      tat = case when q.rate_limit is not null then greatest(q.tat, p_now)
        + make_interval(secs => s.count * q.rate_period_ms / 1000.0 / q.rate_limit) end,
      mark_priority = s.priority,
      mark_id = s.id,
      mark_at = case when q.mark_at > p_now - interval '2 seconds' then q.mark_at else p_now end
    from started as s
    where q.id = s.queue_id
  )
  select json_build_object(
    'id', l.id, 'tenant_id', l.tenant_id, 'queue', l.queue, 'type', l.type, 'payload', l.payload,
    'attempt', l.attempts, 'max_attempts', l.max_attempts, 'lease_token', l.lease_token,
    'timeout_ms', l.timeout_ms, 'traceparent', l.traceparent, 'created_at', l.created_at,
    'run_at', l.run_at)
  from leased as l
  order by l.priority, l.id;
end
$$;
comment on function jobforge.lease(bigint, uuid[], uuid[], timestamptz) is
  'Starts an attempt of each job; the caller holds the jobs and their queues.';

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
declare
  v_id int;
begin
  -- Read one id, then wait for that id only: an ordered FOR UPDATE would keep rows whose recheck
  -- failed, wait for the next, and deadlock.
  select q.id into v_id from public.jobforge_queues as q where q.runnable order by q.vtime limit 1;
  perform from public.jobforge_queues as q where q.id = v_id for no key update;
  return v_id is not null;
end
$$;
comment on function jobforge.wait_for_a_queue() is
  'When peers hold every runnable queue: waits for one. The caller must hold none.';

create function jobforge.claim(p_run_id bigint, p_limit int)
returns setof json
language plpgsql
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set jit = off
as $$
declare
  v_now constant timestamptz := jobforge.clock();
  v_width int := least(p_limit, 8);
  v_left int := p_limit;
  v_done int[] := '{}';
  v_picks jobforge.pick[];
  v_tenant_ids uuid[];
  v_ids uuid[];
  v_short record;
begin
  perform jobforge.promote(v_now);
  -- Each pass parks what it finds empty, so passes are paid for by the jobs that emptied the queues.
  for v_pass in 1..1000 loop
    select array_agg(p) into v_picks
    from jobforge.pick_queues(v_width, v_left, v_done, v_now) as p;
    if v_picks is null then
      exit when v_pass > 1 or not jobforge.wait_for_a_queue();
      continue;
    end if;

    select array_agg(j.tenant_id), array_agg(j.id) into v_tenant_ids, v_ids
    from (
      select r.tenant_id, r.id
      from unnest(v_picks) as p
      cross join lateral (
        select q.tenant_id, q.id from public.jobforge_jobs as q
        where q.queue_id = p.queue_id and q.status = 'queued' and not q.scheduled
          and q.lease_expiries < 2 and (q.priority, q.id) >= (p.mark_priority, p.mark_id)
        order by q.priority, q.id
        limit p.quota
        for no key update skip locked
      ) as r
      limit v_left
    ) as j;
    if v_ids is not null then
      return query select l from jobforge.lease(p_run_id, v_tenant_ids, v_ids, v_now) as l;
      v_left := v_left - cardinality(v_ids);
    end if;
    exit when v_left = 0;

    for v_short in
      select p.queue_id as id
      from unnest(v_picks) as p join public.jobforge_queues as q on q.id = p.queue_id
      where q.claimed - p.claimed < greatest(p.quota, 1)
      order by q.id
    loop
      perform jobforge.park(v_short.id, v_now);
      v_done := v_done || v_short.id;
    end loop;
    v_width := least(v_width * 2, 128);
  end loop;
end
$$;
comment on function jobforge.claim(bigint, int) is
  'Starts up to p_limit attempts for a run, across queues by fair share.';

create function jobforge.claim_quarantined(p_run_id bigint)
returns setof json
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_now constant timestamptz := jobforge.clock();
  v_job record;
  v_queue public.jobforge_queues;
begin
  for v_job in
    select j.tenant_id, j.id, j.queue_id
    from public.jobforge_jobs as j join public.jobforge_queues as q on q.id = j.queue_id
    where j.status = 'queued' and not j.scheduled and j.lease_expiries >= 2
      and not q.paused and jobforge.room(q, v_now) > 0
    order by j.run_at
    limit 10
  loop
    select q.* into v_queue from public.jobforge_queues as q
    where q.id = v_job.queue_id and not q.paused
    for no key update skip locked;
    continue when not found or jobforge.room(v_queue, v_now) = 0;
    perform from public.jobforge_jobs as j
    where j.tenant_id = v_job.tenant_id and j.id = v_job.id and j.status = 'queued'
      and not j.scheduled
    for no key update skip locked;
    continue when not found;
    return query select l from jobforge.lease(
      p_run_id, array[v_job.tenant_id], array[v_job.id], v_now) as l;
    -- The mark speaks of ready jobs only.
    update public.jobforge_queues as q set mark_at = null where q.id = v_queue.id;
    return;
  end loop;
end
$$;
comment on function jobforge.claim_quarantined(bigint) is
  'Starts one job whose lease expired twice or more. For a run that holds nothing else.';
