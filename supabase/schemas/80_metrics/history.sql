-- History: finished attempts per step of time.

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

create function jobforge.check_steps(
  p_from timestamptz, p_to timestamptz, p_step_seconds int)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  if p_step_seconds is null or p_step_seconds not between 60 and 86400
    or p_step_seconds % 60 <> 0
  then
    perform jobforge.fail('invalid_argument',
      'p_step_seconds must be a whole number of minutes, up to a day');
  elsif p_from is null or p_to is null or not p_from < p_to or p_to > '9999-12-31'
    or p_to > p_from + 1000 * make_interval(secs => p_step_seconds)
  then
    perform jobforge.fail('invalid_argument',
      'p_from must be before p_to, and at most 1000 steps apart');
  end if;
end
$$;
comment on function jobforge.check_steps(timestamptz, timestamptz, int) is
  'Raises unless a span of time has 1 to 1,000 steps of whole minutes.';

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
  perform jobforge.check_steps(p_from, p_to, p_step_seconds);
  v_first := date_bin(v_step, p_from, '2000-01-01T00:00:00Z');
  return query
  with stepped as materialized (
    select date_bin(v_step, m.at, '2000-01-01T00:00:00Z') as step_at, m.*
    from jobforge.metrics_by_minute as m
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
  'Users: attempts that ended, per step, with percentiles in milliseconds. Services may leave the '
  'tenant out.';

create function public.jobforge_history(
  p_from timestamptz, p_to timestamptz, p_step_seconds int, p_tenant_id uuid default null,
  p_queue text default null, p_type text default null)
returns table (at timestamptz, started bigint, succeeded bigint, failed bigint, dead bigint,
  canceled bigint, retried bigint, duration_p50_ms bigint, duration_p95_ms bigint,
  latency_p50_ms bigint, latency_p95_ms bigint)
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select * from jobforge.history(p_from, p_to, p_step_seconds, p_tenant_id, p_queue, p_type)
$$;
comment on function public.jobforge_history(timestamptz, timestamptz, int, uuid, text, text) is
  'Users: attempts that ended per step of whole minutes, up to 1,000 steps within the last 14 '
  'days.';
