-- Roll up outcome batches into counters and minutes.
--
-- One transaction takes rows and adds their counts, so none is counted twice or lost. One caller
-- rolls up at a time, and claiming and settling touch nothing that it locks.

create table jobforge.roll_up_progress (
  id boolean primary key default true,
  page bigint not null default 0,
  rescanned_at timestamptz not null default '-infinity',
  alerts_evaluated_at timestamptz not null default '-infinity',
  constraint one_row check (id)
);
comment on table jobforge.roll_up_progress is
  'How far maintenance has come with metrics and alerts: one row.';
comment on column jobforge.roll_up_progress.page is
  'Page of jobforge.outcome_batches where the next roll-up begins. The rows before it are deleted.';
comment on column jobforge.roll_up_progress.rescanned_at is
  'When maintenance last began at the first page, for rows of transactions that committed late.';
insert into jobforge.roll_up_progress default values;

create function jobforge.take_settled(p_from_page bigint, p_limit int)
returns table (ctid tid, minute timestamptz, queue_ids int[], types text[], ends "char"[],
  latency_ms int[], duration_ms int[])
language plpgsql
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
as $$
#variable_conflict use_column
declare
  v_from constant tid := format('(%s,0)', p_from_page)::tid;
begin
  return query
  delete from jobforge.outcome_batches
  where outcome_batches.ctid = any (array(
    select next.ctid from jobforge.outcome_batches as next where next.ctid >= v_from limit p_limit))
  returning outcome_batches.ctid, date_trunc('minute', outcome_batches.at),
    outcome_batches.queue_ids, outcome_batches.types, outcome_batches.ends,
    outcome_batches.latency_ms, outcome_batches.duration_ms;
end
$$;
comment on function jobforge.take_settled(bigint, int) is
  'Deletes up to p_limit rows from a page on and returns them with their minute.';

create function jobforge.add_totals(p_summed jobforge.metrics_by_minute[])
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set jit = off
as $$
begin
  insert into jobforge.metrics_by_minute
  select summed.* from unnest(p_summed) as summed
  where summed.at is not null and (summed.queue_id <= 0
    or exists (select from jobforge.queues as q where q.id = summed.queue_id))
  on conflict (queue_id, at, type) do update
  set started = metrics_by_minute.started + excluded.started,
    succeeded = metrics_by_minute.succeeded + excluded.succeeded,
    failed = metrics_by_minute.failed + excluded.failed,
    dead = metrics_by_minute.dead + excluded.dead,
    canceled = metrics_by_minute.canceled + excluded.canceled,
    retried = metrics_by_minute.retried + excluded.retried,
    duration = jobforge.add_histograms(metrics_by_minute.duration, excluded.duration),
    duration_ms = metrics_by_minute.duration_ms + excluded.duration_ms,
    latency = jobforge.add_histograms(metrics_by_minute.latency, excluded.latency),
    latency_ms = metrics_by_minute.latency_ms + excluded.latency_ms;
  insert into jobforge.type_totals
  select summed.type, summed.succeeded, summed.failed, summed.dead, summed.canceled,
    summed.retried, summed.duration, summed.duration_ms, summed.latency, summed.latency_ms
  from unnest(p_summed) as summed where summed.at is null
  on conflict (type) do update
  set succeeded = type_totals.succeeded + excluded.succeeded,
    failed = type_totals.failed + excluded.failed, dead = type_totals.dead + excluded.dead,
    canceled = type_totals.canceled + excluded.canceled,
    retried = type_totals.retried + excluded.retried,
    duration = jobforge.add_histograms(type_totals.duration, excluded.duration),
    duration_ms = type_totals.duration_ms + excluded.duration_ms,
    latency = jobforge.add_histograms(type_totals.latency, excluded.latency),
    latency_ms = type_totals.latency_ms + excluded.latency_ms;
end
$$;
comment on function jobforge.add_totals(jobforge.metrics_by_minute[]) is
  'Adds sums per minute to the minutes, and sums without a minute to the counters of types.';

-- Jobs are counted by a hash and joined only afterwards, because each job pays for the counting.
-- The sums are per minute, type and queue, per minute and type, and per type without a minute.
create function jobforge.roll_up_batch(p_from_page bigint, p_limit int)
returns table (batch int, last_page bigint)
language plpgsql
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set enable_sort = off
set jit = off
as $$
#variable_conflict use_column
declare
  v_summed jobforge.metrics_by_minute[];
begin
  with taken as materialized (
    select deleted.* from jobforge.take_settled(p_from_page, p_limit) as deleted
  ),
  counted as materialized (
    select taken.minute as at, attempt.queue_id, attempt.type, attempt.ended,
      width_bucket(attempt.duration - 1, jobforge.bucket_bounds()) as duration_bucket,
      width_bucket(attempt.latency - 1, jobforge.bucket_bounds()) as latency_bucket,
      count(*) as n, sum(attempt.duration) as duration_ms,
      sum(greatest(attempt.latency, 0)) as latency_ms
    from taken
    cross join lateral unnest(
      taken.queue_ids, taken.types, taken.ends, taken.duration_ms, taken.latency_ms)
      as attempt (queue_id, type, ended, duration, latency)
    where attempt.ended <> 'b'
    group by 1, 2, 3, 4, 5, 6
  ),
  summed as materialized (
    select coalesce(counted.queue_id, 0) as queue_id, counted.at, shown.type,
      sum(counted.n)::bigint as started,
      coalesce(sum(counted.n) filter (where counted.ended = 's'), 0)::bigint as succeeded,
      coalesce(sum(counted.n) filter (where counted.ended = 'f'), 0)::bigint as failed,
      coalesce(sum(counted.n) filter (where counted.ended = 'd'), 0)::bigint as dead,
      coalesce(sum(counted.n) filter (where counted.ended = 'c'), 0)::bigint as canceled,
      coalesce(sum(counted.n) filter (where counted.ended = 'r'), 0)::bigint as retried,
      jobforge.histogram(array_agg(counted.duration_bucket), array_agg(counted.n)) as duration,
      sum(counted.duration_ms)::bigint as duration_ms,
      jobforge.histogram(array_agg(counted.latency_bucket), array_agg(counted.n)) as latency,
      sum(counted.latency_ms)::bigint as latency_ms
    from counted left join jobforge.job_types as t on t.type = counted.type,
      coalesce(t.type, '_other') as shown (type)
    group by grouping sets ((counted.at, shown.type, counted.queue_id), (counted.at, shown.type),
      (shown.type))
  )
  select count(*)::int, split_part(trim('(' from max(taken.ctid)::text), ',', 1)::bigint,
    array(select row(summed.*)::jobforge.metrics_by_minute from summed)
  into batch, last_page, v_summed
  from taken;
  perform jobforge.add_totals(v_summed);
  return next;
end
$$;
comment on function jobforge.roll_up_batch(bigint, int) is
  'Counts up to p_limit rows from a page on and deletes them. Returns how many, and the last page.';

create function jobforge.roll_up(p_now timestamptz)
returns int
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_until constant timestamptz := clock_timestamp() + interval '2 seconds';
  v_pages constant bigint := pg_relation_size('jobforge.outcome_batches') / 8192;
  v_progress jobforge.roll_up_progress;
  v_page bigint;
  v_done record;
  v_rolled_up int := 0;
begin
  select roll_up_progress.* into v_progress from jobforge.roll_up_progress
  for no key update skip locked;
  if not found then
    return 0;
  end if;
  -- While an old snapshot keeps dead rows, reading past them would cost more with every dispatch.
  -- Once a minute the whole table is read, for rows that were committed late.
  v_page := case when v_pages <= 4096 or v_progress.page >= v_pages
    or v_progress.rescanned_at < p_now - interval '1 minute' then 0 else v_progress.page end;
  update jobforge.roll_up_progress set rescanned_at = p_now
  where v_page = 0 and roll_up_progress.id;
  for v_batch in 1..80 loop
    select rolled_up.* into v_done from jobforge.roll_up_batch(v_page, 250) as rolled_up;
    v_rolled_up := v_rolled_up + v_done.batch;
    v_page := coalesce(v_done.last_page, v_page);
    exit when v_done.batch < 250 or clock_timestamp() > v_until;
  end loop;
  update jobforge.roll_up_progress set page = v_page where roll_up_progress.id;
  return v_rolled_up;
end
$$;
comment on function jobforge.roll_up(timestamptz) is
  'Rolls outcome batches up into counters and minutes, for two seconds at most. '
  'Returns how many batches.';
