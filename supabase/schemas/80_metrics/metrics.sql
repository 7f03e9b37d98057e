-- Metrics: counters and histograms for Prometheus.

create function jobforge.run_numbers(p_now timestamptz)
returns jsonb
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  -- Runs are kept for a week, and at most a hundred are active at a time.
  with recent as (
    select r.* from jobforge.runs as r
    where r.id > (select max(r_newest.id) - 20000 from jobforge.runs as r_newest)
      and (r.state in ('pending', 'live') or r.ended_at > p_now - interval '24 hours')
  )
  select jsonb_build_object(
    'live', count(*) filter (where recent.state = 'live' and recent.lease_expires_at > p_now),
    'pending', count(*) filter (where recent.state = 'pending'),
    'capacity', coalesce(sum(recent.capacity) filter (where recent.state = 'live'), 0),
    'held', coalesce(sum(recent.held) filter (where recent.state = 'live'), 0),
    'finished_24h', count(*) filter (where recent.state = 'finished'),
    'undelivered_24h', count(*) filter (where recent.state = 'undelivered'),
    'refused_24h', count(*) filter (where recent.state = 'refused'),
    'lost_24h', count(*) filter (where recent.state = 'lost'),
    'cpu_ms_24h', coalesce(sum(recent.cpu_ms), 0))
  from recent
$$;
comment on function jobforge.run_numbers(timestamptz) is
  'Counts of runs now and in the last 24 hours, among the newest 20,000.';

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
      select coalesce(jsonb_agg(to_jsonb(state) - 'queue_id' order by state.queue_id), '[]')
      from jobforge.queue_states(null, 1000, v_now) as state),
    'types', (
      select coalesce(jsonb_agg(jsonb_build_object('type', total.type,
        'succeeded', total.succeeded, 'failed', total.failed, 'dead', total.dead,
        'canceled', total.canceled, 'retried', total.retried,
        'duration', jobforge.histogram_json(total.duration, total.duration_ms),
        'latency', jobforge.histogram_json(total.latency, total.latency_ms))
        order by total.type), '[]')
      from (
        select type_totals.* from jobforge.type_totals order by type_totals.type limit 500
      ) as total),
    'runs', jobforge.run_numbers(v_now),
    'maintenance', (
      select jsonb_agg(jsonb_build_object('task', task.name, 'failures', task.failures,
        'seconds_since_success', task.seconds_since_success, 'duration_ms', task.duration_ms,
        'rows', task.rows_done) order by task.name)
      from jobforge.task_states(v_now) as task),
    'alerts', (
      select coalesce(jsonb_object_agg(counted.rule, counted.open), '{}') from (
        select alert_rules.rule, count(alerts.id) as open
        from jobforge.alert_rules
        left join jobforge.alerts on alerts.rule = alert_rules.rule and alerts.closed_at is null
        group by alert_rules.rule) as counted));
end
$$;
comment on function jobforge.metrics() is
  'Operators: up to 1,000 queues that are not empty, counters of types, runs, maintenance tasks, '
  'open alerts per rule. Counters lag by ten seconds.';

create function public.jobforge_metrics()
returns jsonb
language sql stable
set search_path = pg_catalog, pg_temp
as $$ select jobforge.metrics() $$;
comment on function public.jobforge_metrics() is
  'Operators: queues that are not empty, counters and histograms per type, runs, open alerts.';
