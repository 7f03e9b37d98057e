-- Bound the metrics by minute: each minute keeps the busiest pairs of queue and type.
--
-- The rest becomes one row, of queue -1 and type _other. The rows of queue 0, which stands for all
-- queues, keep the busiest types in the same way, and their rest is _other as well.

create function jobforge.crowded_minutes(p_now timestamptz, p_keep int)
returns timestamptz[]
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  -- A minute is left alone until its attempts are rolled up. Later ones add rows, so the last
  -- quarter of an hour is read each time.
  select coalesce(array_agg(crowded.at), '{}')
  from (
    select metrics_by_minute.at from jobforge.metrics_by_minute
    where metrics_by_minute.at >= p_now - interval '15 minutes'
      and metrics_by_minute.at <= p_now - interval '2 minutes'
    group by metrics_by_minute.at
    having count(*) filter (where metrics_by_minute.queue_id > 0) > p_keep
      or count(*) filter (where metrics_by_minute.queue_id = 0
        and metrics_by_minute.type <> '_other') > p_keep
    order by metrics_by_minute.at
    limit 5
  ) as crowded
$$;
comment on function jobforge.crowded_minutes(timestamptz, int) is
  'Returns minutes of the last quarter of an hour with more than p_keep rows of either kind.';

create function jobforge.bound_metrics(p_now timestamptz, p_keep int)
returns int
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_minutes constant timestamptz[] := jobforge.crowded_minutes(p_now, p_keep);
  v_rest jobforge.metrics_by_minute[];
  v_count int;
begin
  if v_minutes = '{}' then
    return 0;
  end if;
  with ranked as materialized (
    select busiest.queue_id, busiest.at, busiest.type, row_number() over (
      partition by busiest.at, busiest.queue_id = 0
      order by busiest.started desc, busiest.queue_id, busiest.type) as rank
    from jobforge.metrics_by_minute as busiest
    where busiest.at = any (v_minutes) and (busiest.queue_id > 0
      or busiest.queue_id = 0 and busiest.type <> '_other')
  ),
  removed as (
    delete from jobforge.metrics_by_minute using ranked
    where ranked.rank > p_keep and metrics_by_minute.queue_id = ranked.queue_id
      and metrics_by_minute.at = ranked.at and metrics_by_minute.type = ranked.type
    returning metrics_by_minute.*
  ),
  counted as (
    select least(removed.queue_id, 0) - (removed.queue_id > 0)::int as queue_id, removed.at,
      count(*) as n, sum(removed.started) as started, sum(removed.succeeded) as succeeded,
      sum(removed.failed) as failed, sum(removed.dead) as dead,
      sum(removed.canceled) as canceled, sum(removed.retried) as retried,
      sum(removed.duration_ms) as duration_ms, sum(removed.latency_ms) as latency_ms
    from removed
    group by 1, 2
  ),
  summed as (
    select least(removed.queue_id, 0) - (removed.queue_id > 0)::int as queue_id, removed.at,
      bucket.n, sum(bucket.duration)::bigint as duration, sum(bucket.latency)::bigint as latency
    from removed
    cross join lateral unnest(removed.duration, removed.latency) with ordinality
      as bucket (duration, latency, n)
    group by 1, 2, 3
  ),
  histograms as (
    select summed.queue_id, summed.at, array_agg(summed.duration order by summed.n) as duration,
      array_agg(summed.latency order by summed.n) as latency
    from summed
    group by summed.queue_id, summed.at
  )
  select array_agg(row(counted.queue_id, counted.at, '_other', counted.started,
      counted.succeeded, counted.failed, counted.dead, counted.canceled, counted.retried,
      histograms.duration, counted.duration_ms, histograms.latency, counted.latency_ms)
      ::jobforge.metrics_by_minute),
    sum(counted.n)
  into v_rest, v_count
  from counted
  join histograms on histograms.queue_id = counted.queue_id and histograms.at = counted.at;
  perform jobforge.add_totals(v_rest);
  return v_count;
end
$$;
comment on function jobforge.bound_metrics(timestamptz, int) is
  'Keeps p_keep rows of queues and p_keep rows of types in each minute. The rest becomes one row '
  'each. Returns how many rows it removed.';
