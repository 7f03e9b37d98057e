-- List the deliveries of a destination, newest first.

create function jobforge.list_deliveries(
  p_tenant_id uuid, p_destination text, p_before uuid, p_limit int)
returns table (job_id uuid, message_id uuid, event_type text, event_id text, test boolean,
  status text, attempts int, response_status int, error text, created_at timestamptz,
  last_attempt_at timestamptz, next_attempt_at timestamptz, delivered_at timestamptz)
language plpgsql stable
security definer -- reads deliveries: bounded by the caller's tenant
set search_path = pg_catalog, pg_temp
as $$
declare
  v_tenant_id constant uuid := jobforge.callers_tenant(p_tenant_id);
  v_config public.jobforge_connector_configs;
begin
  if p_limit is null or p_limit not between 1 and 100 then
    perform jobforge.fail('invalid_argument', 'p_limit must be from 1 to 100');
  end if;
  v_config := jobforge.find_destination(v_tenant_id, p_destination);
  return query
  select page.job_id, page.message_id, message.event_type, message.event_id, message.test,
    case
      when page.delivered_at is not null then 'delivered'
      when page.held then case when page.resent then 'resent' else 'held' end
      when job.status = 'succeeded' then 'delivered'
      when job.status in ('queued', 'scheduled', 'running') then 'pending'
      when job.status = 'canceled' then 'canceled'
      else 'failed'
    end,
    page.attempts, page.response_status, page.error, message.created_at, page.last_attempt_at,
    case when job.status in ('queued', 'scheduled') then job.run_at end, page.delivered_at
  from (
    select * from jobforge.webhook_deliveries as delivery
    where delivery.tenant_id = v_tenant_id and delivery.destination_id = v_config.id
      and (p_before is null or delivery.job_id < p_before)
    order by delivery.job_id desc
    limit p_limit
  ) as page
  left join jobforge.webhook_messages as message
    on message.tenant_id = v_tenant_id and message.id = page.message_id
  left join lateral (
    select jobforge_jobs.status, jobforge_jobs.run_at from public.jobforge_jobs
    where jobforge_jobs.tenant_id = v_tenant_id and jobforge_jobs.id = page.job_id) as job on true
  order by page.job_id desc;
end
$$;
comment on function jobforge.list_deliveries(uuid, text, uuid, int) is
  'Users: returns deliveries of a destination, newest first. p_before is the last job_id of the '
  'page before.';

create function public.jobforge_list_deliveries(p_tenant_id uuid default null,
  p_destination text default null, p_before uuid default null, p_limit int default 50)
returns table (job_id uuid, message_id uuid, event_type text, event_id text, test boolean,
  status text, attempts int, response_status int, error text, created_at timestamptz,
  last_attempt_at timestamptz, next_attempt_at timestamptz, delivered_at timestamptz)
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select * from jobforge.list_deliveries(p_tenant_id, p_destination, p_before, p_limit)
$$;
comment on function public.jobforge_list_deliveries(uuid, text, uuid, int) is
  'Users: returns the deliveries of a webhook destination, newest first, with their status.';
