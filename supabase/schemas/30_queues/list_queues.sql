-- List queues with their limits and the number of queued and running jobs.

create function jobforge.list_queues(p_tenant_id uuid, p_after_id int, p_limit int)
returns table (id int, tenant_id uuid, queue text, queued bigint, running bigint, weight real,
  max_running int, max_queued int, rate_limit int, rate_period_ms int, rate_burst int,
  paused boolean)
language plpgsql stable
security definer -- reads the counters, bounded by the caller's tenants
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  v_tenant_ids constant uuid[] := case when p_tenant_id is not null or not jobforge.is_service()
    then jobforge.callers_tenants(p_tenant_id) end;
begin
  if p_limit is null or p_limit not between 1 and 200 then
    perform jobforge.fail('invalid_argument', 'p_limit must be from 1 to 200');
  end if;
  return query
  select q.id, q.tenant_id, q.queue::text, jobforge.queued(q.id), jobforge.running(q.id),
    jobforge_queues.weight::real, jobforge_queues.max_running::int,
    jobforge_queues.max_queued::int, jobforge_queues.rate_limit::int,
    jobforge_queues.rate_period_ms::int, jobforge_queues.rate_burst::int, jobforge_queues.paused
  from jobforge.queues as q join public.jobforge_queues
    on jobforge_queues.tenant_id = q.tenant_id and jobforge_queues.queue = q.queue
  where q.id > coalesce(p_after_id, 0)
    and (v_tenant_ids is null or q.tenant_id = any (v_tenant_ids))
  order by q.id
  limit p_limit;
end
$$;
comment on function jobforge.list_queues(uuid, int, int) is
  'Users: queues by id, with their limits and exact counters. Counts no rows.';

create function public.jobforge_list_queues(
  p_tenant_id uuid default null, p_after_id int default null, p_limit int default 100)
returns table (id int, tenant_id uuid, queue text, queued bigint, running bigint, weight real,
  max_running int, max_queued int, rate_limit int, rate_period_ms int, rate_burst int,
  paused boolean)
language sql stable
set search_path = pg_catalog, pg_temp
as $$ select * from jobforge.list_queues(p_tenant_id, p_after_id, p_limit) $$;
comment on function public.jobforge_list_queues(uuid, int, int) is
  'Users: a page of queues with limits and counters. Services may leave the tenant out to see all.';
