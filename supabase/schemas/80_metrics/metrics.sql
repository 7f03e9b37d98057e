-- Metrics: counters and histograms for Prometheus.

create function jobforge.run_numbers(p_now timestamptz)
returns jsonb
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  -- Runs are kept for a week, and there are at most a hundred at a time.
  with recent as (
    select r.* from jobforge.runs as r
    where r.id > (select max(l.id) - 20000 from jobforge.runs as l)
      and (r.state in ('pending', 'live') or r.ended_at > p_now - interval '24 hours')
  )
  select jsonb_build_object(
    'live', count(*) filter (where r.state = 'live' and r.lease_expires_at > p_now),
    'pending', count(*) filter (where r.state = 'pending'),
    'capacity', coalesce(sum(r.capacity) filter (where r.state = 'live'), 0),
    'held', coalesce(sum(r.held) filter (where r.state = 'live'), 0),
    'finished_24h', count(*) filter (where r.state = 'finished'),
    'undelivered_24h', count(*) filter (where r.state = 'undelivered'),
    'lost_24h', count(*) filter (where r.state = 'lost'),
    'cpu_ms_24h', coalesce(sum(r.cpu_ms), 0))
  from recent as r
$$;
comment on function jobforge.run_numbers(timestamptz) is
  'Runs now and in the last 24 hours, as far as the newest 20,000 tell.';

create function jobforge.metrics()
returns jsonb
language plpgsql stable
security definer -- operators: reads every tenant's queues, runs and counters
set search_path = pg_catalog, pg_temp
as $$
declare
  v_now constant timestamptz := jobforge.clock();
begin
  perform jobforge.require_service();
  return jsonb_build_object(
    'at', v_now,
    'queues', (
      select coalesce(jsonb_agg(to_jsonb(s) - 'queue_id' order by s.queue_id), '[]')
      from jobforge.queue_states(null, 1000, v_now) as s),
    'types', (
      select coalesce(jsonb_agg(jsonb_build_object('type', t.type,
        'succeeded', t.succeeded, 'failed', t.failed, 'dead', t.dead, 'canceled', t.canceled,
        'retried', t.retried,
        'duration', jobforge.histogram_json(t.duration, t.duration_ms),
        'latency', jobforge.histogram_json(t.latency, t.latency_ms)) order by t.type), '[]')
      from (select t.* from jobforge.type_totals as t order by t.type limit 500) as t),
    'runs', jobforge.run_numbers(v_now),
    'alerts', (
      select coalesce(jsonb_object_agg(a.rule, a.open), '{}') from (
        select r.rule, count(o.id) as open
        from jobforge.alert_rules as r
        left join jobforge.alerts as o on o.rule = r.rule and o.closed_at is null
        group by r.rule) as a));
end
$$;
comment on function jobforge.metrics() is
  'Operators: up to 1,000 queues that are not empty, counters of types, runs, open alerts per '
  'rule. Counters lag by one tick.';

create function public.jobforge_metrics()
returns jsonb
language sql stable
set search_path = pg_catalog, pg_temp
as $$ select jobforge.metrics() $$;
comment on function public.jobforge_metrics() is
  'Operators: queues that are not empty, counters and histograms per type, runs, open alerts.';
