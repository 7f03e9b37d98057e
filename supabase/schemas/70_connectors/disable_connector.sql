-- Disable a connector configuration until an operator enables it again.

create function jobforge.disable_connector(p_tenant_id uuid, p_id uuid, p_reason text)
returns boolean
language plpgsql
security definer -- workers: a destination that answers 410 is not called again
set search_path = pg_catalog, pg_temp
as $$
declare
  v_before public.jobforge_connector_configs;
  v_after public.jobforge_connector_configs;
begin
  perform jobforge.require_service();
  if p_reason is null or length(p_reason) not between 1 and 200 then
    perform jobforge.fail('invalid_argument', 'p_reason must have 1 to 200 characters');
  end if;
  select * into v_before from public.jobforge_connector_configs
  where tenant_id = p_tenant_id and id = p_id
  for no key update;
  if not found then
    perform jobforge.fail('not_found', 'no such connector');
  elsif not v_before.enabled then
    return false;
  end if;
  update public.jobforge_connector_configs
  set enabled = false, disabled_reason = p_reason, updated_at = jobforge.clock()
  where tenant_id = p_tenant_id and id = p_id
  returning * into v_after;
  perform jobforge.audit_connector('disable_connector', v_before, v_after);
  return true;
end
$$;
comment on function jobforge.disable_connector(uuid, uuid, text) is
  'Workers: disables a configuration until an operator enables it. Returns false when it was '
  'already disabled.';

create function public.jobforge_disable_connector(p_tenant_id uuid, p_id uuid, p_reason text)
returns boolean
language sql volatile
set search_path = pg_catalog, pg_temp
set statement_timeout = '2s'
as $$ select jobforge.disable_connector(p_tenant_id, p_id, p_reason) $$;
comment on function public.jobforge_disable_connector(uuid, uuid, text) is
  'Workers: disables a configuration until an operator enables it again.';
