-- Claim jobs.
--
-- Claims serve queues by virtual time. Each start moves its queue by 1 / weight, and the smallest
-- is served next. So busy queues share the workers by weight and a new queue is served at once.
-- Limits cost O(1): a queue at its cap or rate is parked, and claims neither scan it nor wait for
-- it.
--
-- A claim takes queue rows and then job rows with SKIP LOCKED and waits for neither, so claims
-- cannot deadlock.

create type jobforge.queue_quota as (
  queue_id int,
  quota int,
  claimed bigint,
  cursor_priority smallint,
  cursor_id uuid
);
comment on type jobforge.queue_quota is
  'A queue a claim holds, and how many of its jobs it may take.';

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
    select (p_count + sum(h.weight::float8 * h.vtime) over smaller)
      / sum(h.weight::float8) over smaller as level
    from held as h
    window smaller as (order by h.vtime, h.id rows unbounded preceding)
  )
  select array_agg(row(h.id,
    least(
      ceil(h.weight * (l.level - h.vtime) - 1e-9)::int,
      case when h.max_running is null and h.rate_limit is null then p_count
        else jobforge.available_starts(row(h.*)::public.jobforge_queues, p_now) end),
    h.claimed,
    case when h.cursor_at > p_now - interval '2 seconds' then h.cursor_priority
      else (-32768)::smallint end,
    case when h.cursor_at > p_now - interval '2 seconds' then h.cursor_id
      else '00000000-0000-0000-0000-000000000000' end)::jobforge.queue_quota)
  into v_quotas
  from held as h, (select min(level) as level from levels) as l
  where h.vtime < l.level;
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
  -- The rows are locked: until the end of the transaction they stay where they are.
  with leased as (
    update public.jobforge_jobs as j
    set status = 'running', attempts = j.attempts + 1, run_id = p_run_id,
      lease_token = v_token, started_at = p_now
    where j.ctid = any (p_ctids)
    returning j.ctid, j.queue_id, j.priority, j.id
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
      cursor_priority = s.priority,
      cursor_id = s.id,
      cursor_at = case when q.cursor_at > p_now - interval '2 seconds' then q.cursor_at
        else p_now end
    from started as s
    where q.id = s.queue_id
  )
  select array_agg(l.ctid) into v_ctids from leased as l;
  return v_ctids;
end
$$;
comment on function jobforge.lease(bigint, tid[], timestamptz) is
  'Starts an attempt of each job and returns where the jobs are now; the caller has locked them and '
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
  -- Each pass parks what it finds empty, so passes are paid for by the jobs that emptied the queues.
  for v_pass in 1..1000 loop
    v_quotas := jobforge.assign_quotas(v_width, v_left, v_done, v_now);
    if v_quotas is null then
      exit when cardinality(v_claimed) > 0 or v_pass > 5 or not jobforge.wait_for_a_queue();
      continue;
    end if;

    select array_agg(r.ctid) into v_ctids
    from (
      select j.ctid
      from unnest(v_quotas) as p
      cross join lateral (
        select q.ctid from public.jobforge_jobs as q
        where q.queue_id = p.queue_id and q.status = 'queued' and not q.scheduled
          and q.lease_expiries < 2 and (q.priority, q.id) >= (p.cursor_priority, p.cursor_id)
        order by q.priority, q.id
        limit p.quota
        for no key update skip locked
      ) as j
      limit v_left
    ) as r;
    if v_ctids is not null then
      v_claimed := v_claimed || jobforge.lease(p_run_id, v_ctids, v_now);
      v_left := v_left - cardinality(v_ctids);
    end if;
    exit when v_left = 0;

    for v_short in
      select p.queue_id as id
      from unnest(v_quotas) as p join public.jobforge_queues as q on q.id = p.queue_id
      where q.claimed - p.claimed < greatest(p.quota, 1)
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
  'Starts up to p_limit attempts for a run, across queues by fair share. Returns where the jobs are.';
