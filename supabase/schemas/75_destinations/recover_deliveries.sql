-- Recover deliveries: send what a destination missed since a time, page by page.

create function jobforge.recover_deliveries(
  p_tenant_id uuid, p_destination text, p_since timestamptz, p_after uuid, p_limit int)
returns table (sent int, next uuid)
language plpgsql
security definer -- writes jobs: bounded by the caller's tenant
set search_path = pg_catalog, pg_temp
as $$
declare
  v_tenant_id constant uuid := jobforge.callers_tenant(p_tenant_id);
  v_config public.jobforge_connector_configs;
  v_read uuid[];
  v_missed uuid[];
begin
  if p_since is null or p_since < '2000-01-01' or p_since > jobforge.clock() then
    perform jobforge.fail('invalid_argument', 'p_since must be a time in the past');
  elsif p_limit is null or p_limit not between 1 and 1000 then
    perform jobforge.fail('invalid_argument', 'p_limit must be from 1 to 1000');
  end if;
  v_config := jobforge.open_destination(v_tenant_id, p_destination, false);
  select array_agg(page.id order by page.id), array_agg(page.id) filter (
    where not page.test and jobforge.subscribes(v_config.config -> 'event_types', page.event_type))
  into v_read, v_missed
  from (
    select message.id, message.event_type, message.test from jobforge.webhook_messages as message
    where message.tenant_id = v_tenant_id
      and message.id >= jobforge.first_id_at(p_since)
      and message.id > coalesce(p_after, '00000000-0000-0000-0000-000000000000')
    order by message.id
    limit p_limit
  ) as page;
  sent := cardinality(jobforge.send_deliveries(
    v_tenant_id, jobforge.deliveries_again(v_config, v_missed)));
  if cardinality(v_read) = p_limit then
    next := v_read[p_limit];
  end if;
  if sent > 0 then
    perform jobforge.audit('recover_deliveries', v_tenant_id, p_destination,
      jsonb_build_object('since', p_since, 'sent', sent));
  end if;
  return next;
end
$$;
comment on function jobforge.recover_deliveries(uuid, text, timestamptz, uuid, int) is
  'Users: sends the messages since a time that a destination subscribed to and did not get. Reads '
  'p_limit messages and returns the one to go on after. A message that is being sent is left out.';

create function public.jobforge_recover_deliveries(p_tenant_id uuid default null,
  p_destination text default null, p_since timestamptz default null, p_after uuid default null,
  p_limit int default 500)
returns table (sent int, next uuid)
language sql volatile
set search_path = pg_catalog, pg_temp
set statement_timeout = '5s'
as $$
  select * from jobforge.recover_deliveries(p_tenant_id, p_destination, p_since, p_after, p_limit)
$$;
comment on function public.jobforge_recover_deliveries(uuid, text, timestamptz, uuid, int) is
  'Users: sends what a webhook destination missed since a time, a page of messages a call.';
