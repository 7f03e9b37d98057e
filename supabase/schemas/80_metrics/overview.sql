-- Overview: the numbers of the dashboard's first page.

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
comment on function jobforge.live_runs(timestamptz) is 'The live runs, by id.';

create function jobforge.ended_since(p_queue_ids int[], p_since timestamptz)
returns jsonb
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select jsonb_build_object('started', coalesce(sum(metrics_by_minute.started), 0),
    'succeeded', coalesce(sum(metrics_by_minute.succeeded), 0),
    'failed', coalesce(sum(metrics_by_minute.failed), 0),
    'dead', coalesce(sum(metrics_by_minute.dead), 0),
    'canceled', coalesce(sum(metrics_by_minute.canceled), 0),
    'retried', coalesce(sum(metrics_by_minute.retried), 0),
    'error_rate', round((sum(metrics_by_minute.failed) + sum(metrics_by_minute.dead)
      + sum(metrics_by_minute.retried)) / nullif(sum(metrics_by_minute.started), 0), 4))
  from jobforge.metrics_by_minute
  where metrics_by_minute.queue_id = any (p_queue_ids) and metrics_by_minute.at >= p_since
$$;
comment on function jobforge.ended_since(int[], timestamptz) is
  'Counts of the attempts that ended since a minute, and the share of those that neither succeeded '
  'nor were canceled.';

create function jobforge.overview(p_tenant_id uuid)
returns jsonb
language plpgsql stable
security definer -- reads queues, metrics, runs and alerts, bounded by the caller's tenants
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
      select q.id from jobforge.queues as q where q.tenant_id = any (v_tenant_ids));
  end if;
  select jsonb_build_object('at', v_now, 'ready', coalesce(sum(state.ready), 0),
    'scheduled', coalesce(sum(state.scheduled), 0), 'running', coalesce(sum(state.running), 0),
    'oldest_ready_seconds', max(state.oldest_ready_seconds), 'queues', count(*),
    'paused_queues', count(*) filter (where state.paused), 'more_queues', count(*) = 1000)
  into v_overview
  from jobforge.queue_states(v_tenant_ids, 1000, v_now) as state;
  v_overview := v_overview || jsonb_build_object(
    'last_5_minutes', jobforge.ended_since(v_queue_ids, v_now - interval '5 minutes'),
    'last_hour', jobforge.ended_since(v_queue_ids, v_now - interval '1 hour'),
    'open_alerts', (
      select count(*) from jobforge.alerts
      where alerts.closed_at is null
        and (v_tenant_ids is null or alerts.tenant_id = any (v_tenant_ids))));
  if jobforge.is_service() then
    v_overview := v_overview || jsonb_build_object(
      'runs', jobforge.run_numbers(v_now), 'live_runs', jobforge.live_runs(v_now));
  end if;
  return v_overview;
end
$$;
comment on function jobforge.overview(uuid) is
  'Users: the numbers of now, of one tenant or of the caller''s. Services may leave the tenant out '
  'to see all, and get the runs too.';

create function public.jobforge_overview(p_tenant_id uuid default null)
returns jsonb
language sql stable
set search_path = pg_catalog, pg_temp
as $$ select jobforge.overview(p_tenant_id) $$;
comment on function public.jobforge_overview(uuid) is
  'Users: ready, scheduled and running jobs, attempts that ended lately, open alerts. Services '
  'also see the runs.';
