-- Open a connector: read its configuration with its secrets, for the worker.

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
  select * into v_config from public.jobforge_connector_configs
  where tenant_id = p_tenant_id and connector = p_connector and name = p_name;
  if not found then
    perform jobforge.fail('not_found', 'no such connector');
  end if;
  return json_build_object(
    'id', v_config.id, 'config', v_config.config, 'enabled', v_config.enabled,
    'disabled_reason', v_config.disabled_reason,
    'secrets', case when v_config.enabled
      then jobforge.resolve_secrets(p_tenant_id, v_config.secret_refs) else '[]' end,
    'closed_ms', (
      select ceil(extract(epoch from closed_until - v_now) * 1000)::int
      from jobforge.closed_hosts
      where tenant_id = p_tenant_id and closed_until > v_now
        and host = coalesce(lower(p_host collate "C"),
          substring(v_config.config ->> 'url' from '^https?://([^:/?]+)'))));
end
$$;
comment on function jobforge.open_connector(uuid, text, text, text) is
  'Workers: returns a configuration with its secrets, and for how long a host is closed. The '
  'secrets of a disabled one are left out.';

create function public.jobforge_open_connector(
  p_tenant_id uuid, p_connector text, p_name text, p_host text default null)
returns json
language sql volatile
set search_path = pg_catalog, pg_temp
set statement_timeout = '2s'
as $$ select jobforge.open_connector(p_tenant_id, p_connector, p_name, p_host) $$;
comment on function public.jobforge_open_connector(uuid, text, text, text) is
  'Workers: returns a configuration with its secrets, and for how long a host is closed.';
