-- JobForge, chapter 43: metrics, histories and the overview.

create function jobforge.histogram_json(p_histogram bigint[], p_sum_ms bigint)
returns jsonb
language sql immutable
set search_path = pg_catalog, pg_temp
as $$
  select jsonb_build_object(
    'buckets', jsonb_agg(jsonb_build_object('le', b.le, 'count', b.count) order by b.n),
    'sum', p_sum_ms / 1000.0, 'count', max(b.count))
  from (
    select h.n, (jobforge.bucket_bounds())[h.n] / 1000.0 as le,
      sum(h.count) over (order by h.n) as count
    from unnest(p_histogram) with ordinality as h (count, n)
  ) as b
$$;
comment on function jobforge.histogram_json(bigint[], bigint) is
  'A histogram in seconds with cumulative buckets; the last one, whose le is null, has no bound.';

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
      select coalesce(jsonb_agg(jsonb_build_object('type', t.type, 'started', t.started,
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
  'Up to 1,000 queues that are not empty, counters of types, runs, open alerts per rule. Counters '
  'lag by one tick.';

create function jobforge.tenants_to_show(p_tenant_id uuid)
returns uuid[]
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  if p_tenant_id is null and jobforge.is_service() then
    return null;
  end if;
  return jobforge.callers_tenants(p_tenant_id);
end
$$;
comment on function jobforge.tenants_to_show(uuid) is
  'The tenants a caller may see: as callers_tenants says, or null, all, for services that name none.';

create function jobforge.history(p_from timestamptz, p_to timestamptz, p_step_seconds int,
  p_tenant_id uuid, p_queue text, p_type text)
returns table (at timestamptz, started bigint, succeeded bigint, failed bigint, dead bigint,
  canceled bigint, retried bigint, duration_p50_ms bigint, duration_p95_ms bigint,
  latency_p50_ms bigint, latency_p95_ms bigint)
language plpgsql stable
security definer -- reads the minutes; bounded by the caller's tenants
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  v_step constant interval := make_interval(secs => p_step_seconds);
  v_tenant_ids constant uuid[] := jobforge.tenants_to_show(p_tenant_id);
  v_queue_ids int[];
  v_first timestamptz;
begin
  v_queue_ids := case when v_tenant_ids is null and p_queue is null then array[0] else array(
    select q.id from public.jobforge_queues as q
    where (v_tenant_ids is null or q.tenant_id = any (v_tenant_ids))
      and (p_queue is null or q.queue = p_queue)
    limit 10000) end;
  if p_step_seconds is null or p_step_seconds not between 60 and 86400
    or p_step_seconds % 60 <> 0
  then
    perform jobforge.fail('invalid_argument',
      'p_step_seconds must be a whole number of minutes, up to a day');
  elsif p_from is null or p_to is null or not p_from < p_to or p_to > '9999-12-31'
    or p_to > p_from + 1000 * v_step
  then
    perform jobforge.fail('invalid_argument',
      'p_from must be before p_to, and at most 1000 steps apart');
  end if;
  v_first := date_bin(v_step, p_from, '2000-01-01T00:00:00Z');
  return query
  with stepped as materialized (
    select date_bin(v_step, m.at, '2000-01-01T00:00:00Z') as step_at, m.*
    from jobforge.minutes as m
    where m.queue_id = any (v_queue_ids) and m.at >= v_first and m.at < p_to
      and (p_type is null or m.type = p_type)
  ),
  counts as (
    select s.step_at, sum(s.started)::bigint as started, sum(s.succeeded)::bigint as succeeded,
      sum(s.failed)::bigint as failed, sum(s.dead)::bigint as dead,
      sum(s.canceled)::bigint as canceled, sum(s.retried)::bigint as retried
    from stepped as s
    group by s.step_at
  ),
  buckets as (
    select s.step_at, h.n, sum(h.duration)::bigint as duration, sum(h.latency)::bigint as latency
    from stepped as s
    cross join lateral unnest(s.duration, s.latency) with ordinality as h (duration, latency, n)
    group by s.step_at, h.n
  ),
  histograms as (
    select b.step_at, array_agg(b.duration order by b.n) as duration,
      array_agg(b.latency order by b.n) as latency
    from buckets as b
    group by b.step_at
  )
  select g.step_at, coalesce(c.started, 0), coalesce(c.succeeded, 0), coalesce(c.failed, 0),
    coalesce(c.dead, 0), coalesce(c.canceled, 0), coalesce(c.retried, 0),
    jobforge.percentile(h.duration, 0.5), jobforge.percentile(h.duration, 0.95),
    jobforge.percentile(h.latency, 0.5), jobforge.percentile(h.latency, 0.95)
  from (
    select g as step_at from generate_series(v_first, p_to - interval '1 microsecond', v_step) as g
    limit 1000
  ) as g
  left join counts as c on c.step_at = g.step_at
  left join histograms as h on h.step_at = g.step_at
  order by g.step_at;
end
$$;
comment on function jobforge.history(timestamptz, timestamptz, int, uuid, text, text) is
  'Attempts that ended, per step, with percentiles in milliseconds. Services may leave the tenant out.';

create function jobforge.live_runs(p_now timestamptz)
returns jsonb
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select coalesce(jsonb_agg(jsonb_build_object('id', r.id, 'worker', r.worker,
    'capacity', r.capacity, 'held', r.held, 'claimed', r.claimed, 'settled', r.settled,
    'age_seconds', extract(epoch from p_now - r.started_at)) order by r.id), '[]')
  from jobforge.runs as r
  where r.state = 'live' and r.lease_expires_at > p_now
$$;
comment on function jobforge.live_runs(timestamptz) is 'The runs at work.';

create function jobforge.ended_since(p_queue_ids int[], p_since timestamptz)
returns jsonb
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select jsonb_build_object('started', coalesce(sum(m.started), 0),
    'succeeded', coalesce(sum(m.succeeded), 0), 'failed', coalesce(sum(m.failed), 0),
    'dead', coalesce(sum(m.dead), 0), 'canceled', coalesce(sum(m.canceled), 0),
    'retried', coalesce(sum(m.retried), 0),
    'error_rate', round((sum(m.failed) + sum(m.dead) + sum(m.retried))
      / nullif(sum(m.started), 0), 4))
  from jobforge.minutes as m
  where m.queue_id = any (p_queue_ids) and m.at >= p_since
$$;
comment on function jobforge.ended_since(int[], timestamptz) is
  'Attempts that ended since a minute, and the share of those that neither succeeded nor were canceled.';

create function jobforge.overview(p_tenant_id uuid)
returns jsonb
language plpgsql stable
security definer -- reads queues, minutes, runs and alerts; bounded by the caller's tenants
set search_path = pg_catalog, pg_temp
as $$
declare
  v_now constant timestamptz := jobforge.clock();
  v_tenant_ids constant uuid[] := jobforge.tenants_to_show(p_tenant_id);
  v_queue_ids int[] := array[0];
  v_overview jsonb;
begin
  if v_tenant_ids is not null then
    v_queue_ids := array(
      select q.id from public.jobforge_queues as q where q.tenant_id = any (v_tenant_ids));
  end if;
  select jsonb_build_object('at', v_now, 'ready', coalesce(sum(s.ready), 0),
    'scheduled', coalesce(sum(s.scheduled), 0), 'running', coalesce(sum(s.running), 0),
    'oldest_ready_seconds', max(s.oldest_ready_seconds), 'queues', count(*),
    'paused_queues', count(*) filter (where s.paused), 'more_queues', count(*) = 1000)
  into v_overview
  from jobforge.queue_states(v_tenant_ids, 1000, v_now) as s;
  v_overview := v_overview || jsonb_build_object(
    'last_5_minutes', jobforge.ended_since(v_queue_ids, v_now - interval '5 minutes'),
    'last_hour', jobforge.ended_since(v_queue_ids, v_now - interval '1 hour'),
    'open_alerts', (
      select count(*) from jobforge.alerts as a
      where a.closed_at is null and (v_tenant_ids is null or a.tenant_id = any (v_tenant_ids))));
  if jobforge.is_service() then
    v_overview := v_overview || jsonb_build_object(
      'runs', jobforge.run_numbers(v_now), 'live_runs', jobforge.live_runs(v_now));
  end if;
  return v_overview;
end
$$;
comment on function jobforge.overview(uuid) is
  'What is going on now: of one tenant, of the caller''s, or, for services, of all. Runs for services only.';
