-- Queue statistics.

create function jobforge.queue_stats(p_tenant_id uuid)
returns table (tenant_id uuid, queue text, queued bigint, running bigint, weight real,
  max_running int, max_queued int, rate_limit int, rate_period_ms int, rate_burst int,
  paused boolean)
language plpgsql stable
security definer -- reads the tallies; bounded by the caller's tenants
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
begin
  return query
  select q.tenant_id, q.queue::text, jobforge.queued(q.id), jobforge.running(q.id),
    q.weight::real, q.max_running::int, q.max_queued::int, q.rate_limit::int, q.rate_period_ms::int,
    q.rate_burst::int, q.paused
  from public.jobforge_queues as q
  where q.tenant_id = any (jobforge.callers_tenants(p_tenant_id))
  order by q.tenant_id, q.queue;
end
$$;
comment on function jobforge.queue_stats(uuid) is
  'Queued (scheduled included) and running jobs per queue, without counting rows.';

create function public.jobforge_queue_stats(p_tenant_id uuid default null)
returns table (tenant_id uuid, queue text, queued bigint, running bigint, weight real,
  max_running int, max_queued int, rate_limit int, rate_period_ms int, rate_burst int,
  paused boolean)
language sql stable
set search_path = pg_catalog, pg_temp
as $$ select * from jobforge.queue_stats(p_tenant_id) $$;
comment on function public.jobforge_queue_stats(uuid) is
  'Queued and running jobs and the limits of the caller''s queues.';
