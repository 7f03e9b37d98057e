-- Read a webhook endpoint: how to verify the webhooks that arrive at it.

create function jobforge.webhook_endpoint(p_id uuid)
returns json
language plpgsql volatile
security definer -- reads configurations and Vault for the verifying function
set search_path = pg_catalog, pg_temp
as $$
declare
  v_config public.jobforge_connector_configs;
  v_secrets jsonb;
  v_known boolean;
begin
  perform jobforge.require_service();
  -- The same work for every id, so that the time of an answer reveals nothing. For an unknown id
  -- the next endpoint is read instead, and its values never leave this function.
  select * into v_config from (
    (select * from public.jobforge_connector_configs
      where connector = 'webhook-verify' and id >= p_id order by id limit 1)
    union all
    (select * from public.jobforge_connector_configs
      where connector = 'webhook-verify' order by id limit 1)) as nearest
  order by nearest.id >= p_id desc limit 1;
  v_known := coalesce(v_config.id = p_id and v_config.enabled, false);
  v_secrets := jobforge.resolve_secrets(v_config.tenant_id, coalesce(v_config.secret_refs, '{}'));
  return json_build_object(
    'known', v_known, 'enabled', v_known,
    'name', case when v_known then v_config.name end,
    'scheme', case when v_known then v_config.config ->> 'scheme' end,
    'config', case when v_known then v_config.config end,
    'tenant_id', case when v_known then v_config.tenant_id end,
    'secrets', case when v_known then v_secrets else '[]' end);
end
$$;
comment on function jobforge.webhook_endpoint(uuid) is
  'Webhooks: returns how to verify the webhooks of an endpoint, nothing for an unknown or disabled '
  'one.';

create function public.jobforge_webhook_endpoint(p_id uuid)
returns json
language sql volatile
set search_path = pg_catalog, pg_temp
set statement_timeout = '2s'
as $$ select jobforge.webhook_endpoint(p_id) $$;
comment on function public.jobforge_webhook_endpoint(uuid) is
  'Webhooks: returns how to verify the webhooks of an endpoint.';
