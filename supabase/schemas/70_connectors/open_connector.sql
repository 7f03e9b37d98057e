-- Open a connector: its configuration with its secrets, for the worker.

create function jobforge.open_connector(
  p_tenant_id uuid, p_connector text, p_name text, p_host text)
returns json
language plpgsql volatile
security definer -- workers: reads configurations and Vault
set search_path = pg_catalog, pg_temp
as $$
declare
  v_now constant timestamptz := jobforge.clock();
  v_config public.jobforge_connector_configs;
begin
  perform jobforge.require_service();
  select c.* into v_config from public.jobforge_connector_configs as c
  where c.tenant_id = p_tenant_id and c.connector = p_connector and c.name = p_name;
  if not found then
    perform jobforge.fail('not_found', 'no such connector');
  end if;
  return json_build_object(
    'id', v_config.id, 'config', v_config.config, 'enabled', v_config.enabled,
    'disabled_reason', v_config.disabled_reason,
    'secrets', case when v_config.enabled
      then jobforge.resolve_secrets(p_tenant_id, v_config.secret_refs) else '[]' end,
    'closed_ms', (
      select ceil(extract(epoch from h.closed_until - v_now) * 1000)::int
      from jobforge.closed_hosts as h
      where h.tenant_id = p_tenant_id and h.closed_until > v_now
        and h.host = coalesce(lower(p_host),
          substring(v_config.config ->> 'url' from '^https?://([^:/?]+)'))));
end
$$;
comment on function jobforge.open_connector(uuid, text, text, text) is
  'Workers: a configuration with its secrets, none while it is disabled, and for how long a host '
  'is closed.';

create function public.jobforge_open_connector(
  p_tenant_id uuid, p_connector text, p_name text, p_host text default null)
returns json
language sql volatile
set search_path = pg_catalog, pg_temp
as $$ select jobforge.open_connector(p_tenant_id, p_connector, p_name, p_host) $$;
comment on function public.jobforge_open_connector(uuid, text, text, text) is
  'Workers: a configuration with its secrets, and for how long a host is closed.';
