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
  'Returns the tenants that a caller may see: those of callers_tenants, or null, which means all, '
  'for services that name none.';

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
  'Raises invalid_argument unless a span of time has 1 to 1,000 steps of whole minutes.';

create function jobforge.history(p_from timestamptz, p_to timestamptz, p_step_seconds int,
  p_tenant_id uuid, p_queue text, p_type text)
returns table (at timestamptz, started bigint, succeeded bigint, failed bigint, dead bigint,
  canceled bigint, retried bigint, duration_p50_ms bigint, duration_p95_ms bigint,
  latency_p50_ms bigint, latency_p95_ms bigint)
language plpgsql stable
security definer -- reads metrics_by_minute, bounded by the caller's tenants
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
    select q.id from jobforge.queues as q
    where (v_tenant_ids is null or q.tenant_id = any (v_tenant_ids))
      and (p_queue is null or q.queue = p_queue)
    limit 10000) end;
  perform jobforge.check_steps(p_from, p_to, p_step_seconds);
  v_first := date_bin(v_step, p_from, '2000-01-01T00:00:00Z');
  return query
  with stepped as materialized (
    select date_bin(v_step, metrics_by_minute.at, '2000-01-01T00:00:00Z') as step_at,
      metrics_by_minute.*
    from jobforge.metrics_by_minute
    where metrics_by_minute.queue_id = any (v_queue_ids)
      and metrics_by_minute.at >= v_first and metrics_by_minute.at < p_to
      and (p_type is null or metrics_by_minute.type = p_type)
  ),
  counted as (
    select stepped.step_at, sum(stepped.started)::bigint as started,
      sum(stepped.succeeded)::bigint as succeeded, sum(stepped.failed)::bigint as failed,
      sum(stepped.dead)::bigint as dead, sum(stepped.canceled)::bigint as canceled,
      sum(stepped.retried)::bigint as retried
    from stepped
    group by stepped.step_at
  ),
  summed as (
    select stepped.step_at, bucket.n, sum(bucket.duration)::bigint as duration,
      sum(bucket.latency)::bigint as latency
    from stepped
    cross join lateral unnest(stepped.duration, stepped.latency) with ordinality
      as bucket (duration, latency, n)
    group by stepped.step_at, bucket.n
  ),
  merged as (
    select summed.step_at, array_agg(summed.duration order by summed.n) as duration,
      array_agg(summed.latency order by summed.n) as latency
    from summed
    group by summed.step_at
  )
  select steps.step_at, coalesce(counted.started, 0), coalesce(counted.succeeded, 0),
    coalesce(counted.failed, 0), coalesce(counted.dead, 0), coalesce(counted.canceled, 0),
    coalesce(counted.retried, 0),
    jobforge.percentile(merged.duration, 0.5), jobforge.percentile(merged.duration, 0.95),
    jobforge.percentile(merged.latency, 0.5), jobforge.percentile(merged.latency, 0.95)
  from (
    select step_at
    from generate_series(v_first, p_to - interval '1 microsecond', v_step) as step_at
    limit 1000
  ) as steps
  left join counted on counted.step_at = steps.step_at
  left join merged on merged.step_at = steps.step_at
  order by steps.step_at;
end
$$;
comment on function jobforge.history(timestamptz, timestamptz, int, uuid, text, text) is
  'Users: attempts that ended, per step, with percentiles in milliseconds. Services may leave the '
  'tenant out to see all.';

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
  'Users: attempts that ended, per step of whole minutes: up to 1,000 steps within the last 14 '
  'days.';
