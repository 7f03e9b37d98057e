-- Configure a webhook destination: create it, change its settings, pause it or resume it.
--
-- The rules are those of configure_connector. Users need the operator's permission.

create function jobforge.require_destination_manager()
returns void
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  if not jobforge.is_service() and not (
    select users_manage_destinations from jobforge.settings)
  then
    perform jobforge.fail('forbidden', 'only services manage webhook destinations here: an '
      'operator can allow users by jobforge_configure_publishing');
  end if;
end
$$;
comment on function jobforge.require_destination_manager() is
  'Raises forbidden for users unless an operator allowed them to manage destinations.';

create function jobforge.refuse_unknown_secret(p_tenant_id uuid, p_name text)
returns void
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  if not exists (
    select from jobforge.active_secrets(p_tenant_id, p_name, jobforge.clock()))
  then
    perform jobforge.fail('not_found', format(
      'p_settings.secret: the tenant has no secret %s: store it by jobforge_set_secret',
      jobforge.quote(p_name)));
  end if;
end
$$;
comment on function jobforge.refuse_unknown_secret(uuid, text) is
  'Raises not_found unless the tenant has an active secret of this name in Vault.';

create function jobforge.save_destination(p_tenant_id uuid, p_name text, p_settings jsonb)
returns uuid
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_before public.jobforge_connector_configs;
begin
  -- The lock comes before the row, as in configure_connector.
  perform jobforge.lock_secrets_of(p_tenant_id);
  select * into v_before from public.jobforge_connector_configs
  where tenant_id = p_tenant_id and connector = 'connector.webhook.deliver' and name = p_name
  for no key update;
  if p_settings ? 'secret' then
    if jsonb_typeof(p_settings -> 'secret') <> 'string' then
      perform jobforge.fail('invalid_argument', 'p_settings.secret must be the name of a secret');
    end if;
    perform jobforge.refuse_unknown_secret(p_tenant_id, p_settings ->> 'secret');
    v_before.secret_refs := array['vault:' || (p_settings ->> 'secret')];
  elsif v_before.secret_refs is null then
    perform jobforge.fail('invalid_argument', 'p_settings of a new destination must have the key '
      'secret: the name of a secret from jobforge_set_secret');
  end if;
  return jobforge.save_connector(p_tenant_id, 'connector.webhook.deliver', p_name,
    jsonb_strip_nulls(coalesce(v_before.config, '{}') || (p_settings - '{secret,paused}'::text[])),
    v_before.secret_refs, coalesce(v_before.enabled, true));
end
$$;
comment on function jobforge.save_destination(uuid, text, jsonb) is
  'Creates a destination or changes its settings. Settings that p_settings omits stay, and null '
  'removes one. Returns its id.';

create function jobforge.pause_by_hand(
  p_config public.jobforge_connector_configs, p_paused boolean)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_now constant timestamptz := jobforge.clock();
  v_state jobforge.destination_states;
begin
  select * into v_state from jobforge.destination_states where destination_id = p_config.id
  for no key update;
  if not p_paused and v_state.paused_at is not null then
    perform jobforge.change_state(
      jobforge.resumed(v_state, v_now), p_config.name, 'by hand');
  elsif p_paused and v_state.paused_by is distinct from 'hand' then
    v_state.paused_at := v_now;
    v_state.paused_by := 'hand';
    v_state.paused_reason := 'paused by hand';
    v_state.probe_job_id := null;
    v_state.check_at := null;
    v_state.horizon := null;
    perform jobforge.change_state(v_state, p_config.name, 'by hand');
  end if;
end
$$;
comment on function jobforge.pause_by_hand(public.jobforge_connector_configs, boolean) is
  'Pauses a destination until it is resumed by hand, or resumes it.';

create function jobforge.configure_destination(p_tenant_id uuid, p_name text, p_settings jsonb)
returns uuid
language plpgsql
security definer -- writes configurations: bounded by the caller's tenant, if users may
set search_path = pg_catalog, pg_temp
set lock_timeout = '1s'
as $$
declare
  v_tenant_id constant uuid := jobforge.callers_tenant(p_tenant_id);
  v_known constant text[] := '{url,event_types,headers,timeout_ms,secret,paused}';
  v_unknown text;
begin
  perform jobforge.require_destination_manager();
  if jobforge.jsonb_fits(p_settings, 65536) is not true or jsonb_typeof(p_settings) <> 'object' then
    perform jobforge.fail('invalid_argument',
      'p_settings must be an object of at most 65536 bytes');
  end if;
  select min(setting) into v_unknown
  from jsonb_object_keys(p_settings) as setting where setting <> all (v_known);
  if v_unknown is not null then
    perform jobforge.fail('invalid_argument', format('p_settings: unknown setting %s; there are %s',
      jobforge.quote(v_unknown), array_to_string(v_known, ', ')));
  elsif p_settings ? 'paused' and jsonb_typeof(p_settings -> 'paused') <> 'boolean' then
    perform jobforge.fail('invalid_argument', 'p_settings.paused must be true or false');
  end if;
  if p_settings - 'paused' <> '{}' then
    perform jobforge.save_destination(v_tenant_id, p_name, p_settings);
  end if;
  if p_settings ? 'paused' then
    perform jobforge.pause_by_hand(
      jobforge.find_destination(v_tenant_id, p_name), (p_settings ->> 'paused')::boolean);
  end if;
  return (jobforge.find_destination(v_tenant_id, p_name)).id;
exception when lock_not_available then
  perform jobforge.fail('busy',
    'another transaction is changing the destinations of the tenant: try again');
end
$$;
comment on function jobforge.configure_destination(uuid, text, jsonb) is
  'Users: creates a webhook destination, changes its settings, pauses or resumes it. Users need '
  'the permission of jobforge_configure_publishing.';

create function public.jobforge_configure_destination(
  p_tenant_id uuid default null, p_name text default null, p_settings jsonb default '{}')
returns uuid
language sql volatile
set search_path = pg_catalog, pg_temp
set statement_timeout = '2s'
as $$ select jobforge.configure_destination(p_tenant_id, p_name, p_settings) $$;
comment on function public.jobforge_configure_destination(uuid, text, jsonb) is
  'Users: creates a webhook destination, changes its settings, pauses or resumes it. Returns its '
  'id.';
