-- Claim jobs.
--
-- Claims serve queues by virtual time. Each start adds 1 / weight to the virtual time of its queue,
-- and the queue with the smallest is served next. So busy queues share the workers by weight, and a
-- new queue is served at once. Limits cost O(1): a queue at its cap or rate is parked. Claims
-- neither scan a parked queue nor wait for it.
--
-- A claim locks rows of queues and then rows of ready, both with SKIP LOCKED. It waits for neither,
-- so claims cannot deadlock.

create type jobforge.taken as (
  tokens bigint[],
  queue_ids int[],
  counts int[],
  count int,
  bytes bigint
);
comment on type jobforge.taken is
  'The leases of one claim, with the queue of each and its number of jobs. bytes: those of all '
  'payloads that were found. Where they pass the budget, the claim stopped.';

create function jobforge.take(
  p_run_id bigint, p_quotas jobforge.queue_quota[], p_count int, p_bytes bigint, p_first boolean,
  p_now timestamptz)
returns jobforge.taken
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_taken jobforge.taken;
begin
  with found as materialized (
    select next.ctid, next.bytes
    from unnest(p_quotas) as assigned
    cross join lateral (
      select ready.ctid, ready.bytes from jobforge.ready
      where ready.queue_id = assigned.queue_id
        and (ready.priority, ready.id) >= (assigned.cursor_priority, assigned.cursor_id)
      order by ready.priority, ready.id
      limit assigned.quota
      for update skip locked) as next
    limit p_count
  ),
  measured as (select sum(found.bytes) as bytes from found),
  -- Which of them fit is looked for only when not all do. Of the first the total is its own bytes.
  gone as (
    delete from jobforge.ready using found
    where ready.ctid = found.ctid
      and ((select measured.bytes from measured) <= p_bytes or found.ctid in (
        select summed.ctid
        from (select found.ctid, found.bytes,
            sum(found.bytes) over (rows unbounded preceding) as total from found) as summed
        where summed.total <= p_bytes or p_first and summed.total = summed.bytes))
    returning ready.queue_id, ready.priority, ready.id, ready.tenant_id, ready.place
  ),
  -- Rows come in the order in which they were found, so the last of a queue is its cursor.
  started as materialized (
    select gone.queue_id, gone.tenant_id, count(*)::int as count,
      max(gone.priority) as priority, array_agg(gone.id) as ids, array_agg(gone.place) as places,
      nextval('jobforge.lease_tokens') as token
    from gone
    group by gone.queue_id, gone.tenant_id
  ),
  leased as (
    insert into jobforge.leases (run_id, token, queue_id, tenant_id, started_at, ids, places)
    select p_run_id, started.token, started.queue_id, started.tenant_id, p_now, started.ids,
      started.places
    from started
  ),
  moved as (
    update jobforge.queues as q
    set vtime = q.vtime + round(started.count / assigned.weight, 6),
      claimed = q.claimed + started.count,
      tat = case when assigned.rate_interval is null then q.tat
        else p_now + make_interval(secs => (jobforge.used_starts(q, p_now) + started.count)
          * assigned.rate_interval) end,
      tat_interval = coalesce(assigned.rate_interval, q.tat_interval),
      tat_at = case when assigned.rate_interval is null then q.tat_at else p_now end,
      cursor_priority = started.priority, cursor_id = started.ids[started.count],
      cursor_at = case when q.cursor_at > p_now - interval '2 seconds' then q.cursor_at
        else p_now end
    from started join unnest(p_quotas) as assigned on assigned.queue_id = started.queue_id
    where q.id = started.queue_id
  )
  select array_agg(started.token), array_agg(started.queue_id), array_agg(started.count),
    coalesce(sum(started.count), 0)::int, (select measured.bytes from measured)
  into v_taken
  from started;
  return v_taken;
end
$$;
comment on function jobforge.take(
  bigint, jobforge.queue_quota[], int, bigint, boolean, timestamptz) is
  'Starts an attempt of the next jobs of each queue, up to its quota, and p_count jobs and p_bytes '
  'bytes in all. With p_first one job always fits. The caller has locked the queues.';

create function jobforge.short_queues(p_quotas jobforge.queue_quota[], p_taken jobforge.taken)
returns int[]
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return array(
    select assigned.queue_id
    from unnest(p_quotas) as assigned
    left join unnest(p_taken.queue_ids, p_taken.counts) as started (queue_id, count)
      on started.queue_id = assigned.queue_id
    where coalesce(started.count, 0) < greatest(assigned.quota, 1));
end
$$;
comment on function jobforge.short_queues(jobforge.queue_quota[], jobforge.taken) is
  'Returns the queues that started fewer jobs than their quota, or had none.';

create function jobforge.wait_for_a_queue()
returns boolean
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  -- Never waits for a row: a row that was skipped after its recheck failed stays locked. Two claims
  -- that each hold such a row and wait for the other's would deadlock.
  if not exists (select from jobforge.queues as q where q.runnable) then
    return false;
  end if;
  perform pg_sleep(0.003);
  return true;
end
$$;
comment on function jobforge.wait_for_a_queue() is
  'Waits three milliseconds for another claim to commit. Returns false when no queue is runnable.';

create type jobforge.claimed as (
  tokens bigint[],
  count int,
  floor numeric,
  alone boolean,
  is_full boolean
);
comment on type jobforge.claimed is
  'The leases of a claim, their number of jobs, the smallest virtual time it met, and whether it '
  'is one quarantined job. is_full: the next job would have passed the byte budget.';

create function jobforge.claim(
  p_run_id bigint, p_limit int, p_max_bytes int, p_floor numeric, p_now timestamptz)
returns jobforge.claimed
language plpgsql
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set jit = off
as $$
declare
  v_width int := least(p_limit, 8);
  v_floor numeric := p_floor;
  v_done int[] := '{}'::int[];
  v_waits int := 0;
  v_quotas jobforge.queue_quota[];
  v_taken jobforge.taken;
  v_short int[];
  v_capped record;
  v_bytes bigint := p_max_bytes;
  v_claimed jobforge.claimed := row('{}'::bigint[], 0, null, false, false);
begin
  -- Each pass parks the queues that it finds empty, so the jobs that emptied them pay for the pass.
  for v_pass in 1..1000 loop
    v_quotas := jobforge.assign_quotas(
      v_width, p_limit - v_claimed.count, v_floor, v_done, p_now);
    if v_quotas is null then
      if v_floor > '-infinity' then
        v_floor := '-infinity';
        continue;
      end if;
      v_waits := v_waits + 1;
      exit when v_claimed.count > 0 or v_waits > 5 or not jobforge.wait_for_a_queue();
      continue;
    end if;
    v_claimed.floor := coalesce(v_claimed.floor, v_quotas[1].vtime);
    select count(assigned.max_running) > 0 as running, count(assigned.max_queued) > 0 as queued
    into v_capped from unnest(v_quotas) as assigned;
    if v_capped.running then
      v_quotas := jobforge.apply_caps(v_quotas);
    end if;
    v_taken := jobforge.take(p_run_id, v_quotas, p_limit - v_claimed.count, v_bytes,
      v_claimed.count = 0, p_now);
    v_claimed.tokens := v_claimed.tokens || v_taken.tokens;
    v_claimed.count := v_claimed.count + v_taken.count;
    if v_capped.queued then
      perform jobforge.give_slots(v_taken.queue_ids, v_taken.counts);
    end if;
    v_claimed.is_full := coalesce(v_taken.bytes > v_bytes, false);
    exit when v_claimed.count = p_limit or v_claimed.is_full;
    v_bytes := v_bytes - coalesce(v_taken.bytes, 0);
    v_short := jobforge.short_queues(v_quotas, v_taken);
    perform jobforge.look_at(v_short, p_now, true);
    v_done := v_done || v_short;
    v_width := least(v_width * 2, 128);
  end loop;
  return v_claimed;
end
$$;
comment on function jobforge.claim(bigint, int, int, numeric, timestamptz) is
  'Starts up to p_limit attempts for a run, across queues by fair share. It stops before the job '
  'whose payload would pass p_max_bytes. Reads no queue before the virtual time p_floor at first.';
