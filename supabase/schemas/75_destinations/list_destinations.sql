-- List destinations: their subscriptions, their state, and the versions of their secrets.

create function jobforge.secret_versions(
  p_config public.jobforge_connector_configs, p_now timestamptz)
returns jsonb
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  -- Only versions and times: a tenant reads no reference and no value.
  select coalesce(jsonb_agg(jsonb_build_object('version', secrets.version,
    'created_at', secrets.created_at, 'expires_at', secrets.expires_at)
    order by named.ordinality, secrets.version desc), '[]')
  from unnest(p_config.secret_refs) with ordinality as named (ref, ordinality)
  left join jobforge.secrets
    on secrets.tenant_id = p_config.tenant_id and 'vault:' || secrets.name = named.ref
      and secrets.vault_id is not null
      and (secrets.expires_at is null or secrets.expires_at > p_now)
$$;
comment on function jobforge.secret_versions(public.jobforge_connector_configs, timestamptz) is
  'Returns the versions that sign for a destination, newest first, and until when. A secret '
  'without a version is of the worker''s environment, or all its versions ended.';

create function jobforge.list_destinations(p_tenant_id uuid)
returns table (id uuid, name text, url text, event_types jsonb, status text, reason text,
  paused_at timestamptz, failures int, failing_since timestamptz, secrets jsonb,
  created_at timestamptz, updated_at timestamptz)
language plpgsql stable
security definer -- reads states and the times of secrets: bounded by the caller's tenant
set search_path = pg_catalog, pg_temp
as $$
declare
  v_tenant_id constant uuid := jobforge.callers_tenant(p_tenant_id);
  v_now constant timestamptz := jobforge.clock();
begin
  return query
  select destination.id, destination.name, destination.config ->> 'url',
    coalesce(destination.config -> 'event_types', '[]'),
    case when not destination.enabled then 'disabled' when state.paused_at is not null then 'paused'
      when state.failures > 0 then 'failing' else 'active' end,
    coalesce(destination.disabled_reason, state.paused_reason), state.paused_at,
    coalesce(state.failures, 0), state.failing_since, jobforge.secret_versions(destination, v_now),
    destination.created_at, destination.updated_at
  from public.jobforge_connector_configs as destination
  left join jobforge.destination_states as state on state.destination_id = destination.id
  where destination.tenant_id = v_tenant_id and destination.connector = 'connector.webhook.deliver'
  order by destination.name;
end
$$;
comment on function jobforge.list_destinations(uuid) is
  'Users: returns the webhook destinations of a tenant, with why one is paused.';

create function public.jobforge_list_destinations(p_tenant_id uuid default null)
returns table (id uuid, name text, url text, event_types jsonb, status text, reason text,
  paused_at timestamptz, failures int, failing_since timestamptz, secrets jsonb,
  created_at timestamptz, updated_at timestamptz)
language sql stable
set search_path = pg_catalog, pg_temp
as $$ select * from jobforge.list_destinations(p_tenant_id) $$;
comment on function public.jobforge_list_destinations(uuid) is
  'Users: returns webhook destinations with their subscriptions, state and versions of secrets.';
