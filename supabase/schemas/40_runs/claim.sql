-- Claim jobs.
--
-- Claims serve queues by virtual time. Each start adds 1 / weight to the virtual time of its queue,
-- and the queue with the smallest is served next. So busy queues share the workers by weight, and a
-- new queue is served at once. Limits cost O(1): a queue at its cap or rate is parked. Claims
-- neither scan a parked queue nor wait for it.
--
-- A claim locks rows of queues and then rows of jobs, both with SKIP LOCKED. It waits for neither,
-- so claims cannot deadlock.

create type jobforge.queue_quota as (
  queue_id int,
  quota int,
  claimed bigint,
  cursor_priority smallint,
  cursor_id uuid
);
comment on type jobforge.queue_quota is
  'A queue that a claim holds, and how many of its jobs the claim may start.';

create function jobforge.assign_quotas(p_width int, p_count int, p_except int[], p_now timestamptz)
returns jobforge.queue_quota[]
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_quotas jobforge.queue_quota[];
begin
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
    select (p_count + sum(held.weight::float8 * held.vtime) over smaller)
      / sum(held.weight::float8) over smaller as level
    from held
    window smaller as (order by held.vtime, held.id rows unbounded preceding)
  )
  select array_agg(row(held.id,
    least(
      ceil(held.weight * (lowest.level - held.vtime) - 1e-9)::int,
      case when held.max_running is null and held.rate_limit is null then p_count
        else jobforge.available_starts(row(held.*)::public.jobforge_queues, p_now) end),
    held.claimed,
    case when held.cursor_at > p_now - interval '2 seconds' then held.cursor_priority
      else (-32768)::smallint end,
    case when held.cursor_at > p_now - interval '2 seconds' then held.cursor_id
      else '00000000-0000-0000-0000-000000000000' end)::jobforge.queue_quota)
  into v_quotas
  from held, (select min(levels.level) as level from levels) as lowest
  where held.vtime < lowest.level;
  return v_quotas;
end
$$;
comment on function jobforge.assign_quotas(int, int, int[], timestamptz) is
  'Locks up to p_width runnable queues and shares p_count starts among them by weight.';

create function jobforge.lease(p_run_id bigint, p_ctids tid[], p_now timestamptz)
returns tid[]
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_token constant bigint := nextval('jobforge.lease_tokens');
  v_ctids tid[];
begin
  -- The rows are locked, so their ctids hold until the end of the transaction.
  with leased as (
    update public.jobforge_jobs as j
    set status = 'running', attempts = j.attempts + 1, run_id = p_run_id,
      lease_token = v_token, started_at = p_now
    where j.ctid = any (p_ctids)
    returning j.ctid, j.queue_id, j.priority, j.id
  ),
  started as (
    select leased.queue_id, count(*)::int as count, max(leased.priority) as priority,
      (array_agg(leased.id order by leased.priority desc, leased.id desc))[1] as id
    from leased
    group by leased.queue_id
  ),
  moved as (
    update public.jobforge_queues as q
    set vtime = q.vtime + started.count / q.weight,
      claimed = q.claimed + started.count,
      tat = case when q.rate_limit is not null then greatest(q.tat, p_now)
        + make_interval(secs => started.count * q.rate_period_ms / 1000.0 / q.rate_limit) end,
      cursor_priority = started.priority,
      cursor_id = started.id,
      cursor_at = case when q.cursor_at > p_now - interval '2 seconds' then q.cursor_at
        else p_now end
    from started
    where q.id = started.queue_id
  )
  select array_agg(leased.ctid) into v_ctids from leased;
  return v_ctids;
end
$$;
comment on function jobforge.lease(bigint, tid[], timestamptz) is
  'Starts an attempt of each job and returns their new ctids. The caller has locked the jobs and '
  'their queues.';

create function jobforge.claim(p_run_id bigint, p_limit int)
returns tid[]
language plpgsql
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set jit = off
as $$
declare
  v_now constant timestamptz := jobforge.clock();
  v_width int := least(p_limit, 8);
  v_left int := p_limit;
  v_done int[] := '{}'::int[];
  v_quotas jobforge.queue_quota[];
  v_ctids tid[];
  v_claimed tid[] := '{}'::tid[];
  v_short record;
begin
  perform jobforge.promote(v_now);
  -- Each pass parks the queues that it finds empty, so the jobs that emptied them pay for the pass.
  for v_pass in 1..1000 loop
    v_quotas := jobforge.assign_quotas(v_width, v_left, v_done, v_now);
    if v_quotas is null then
      exit when cardinality(v_claimed) > 0 or v_pass > 5 or not jobforge.wait_for_a_queue();
      continue;
    end if;

    select array_agg(taken.ctid) into v_ctids
    from (
      select ready.ctid
      from unnest(v_quotas) as assigned
      cross join lateral (
        select j.ctid from public.jobforge_jobs as j
        where j.queue_id = assigned.queue_id and j.status = 'queued' and not j.scheduled
          and j.lease_expiries < 2
          and (j.priority, j.id) >= (assigned.cursor_priority, assigned.cursor_id)
        order by j.priority, j.id
        limit assigned.quota
        for no key update skip locked
      ) as ready
      limit v_left
    ) as taken;
    if v_ctids is not null then
      v_claimed := v_claimed || jobforge.lease(p_run_id, v_ctids, v_now);
      v_left := v_left - cardinality(v_ctids);
    end if;
    exit when v_left = 0;

    for v_short in
      select assigned.queue_id as id
      from unnest(v_quotas) as assigned
      join public.jobforge_queues as q on q.id = assigned.queue_id
      where q.claimed - assigned.claimed < greatest(assigned.quota, 1)
      order by q.id
    loop
      perform jobforge.park(v_short.id, v_now);
      v_done := v_done || v_short.id;
    end loop;
    v_width := least(v_width * 2, 128);
  end loop;
  return v_claimed;
end
$$;
comment on function jobforge.claim(bigint, int) is
  'Starts up to p_limit attempts for a run, across queues by fair share. Returns the ctids of the '
  'jobs.';
