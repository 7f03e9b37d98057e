-- Connector configurations: which hosts a tenant's jobs may call, and which webhooks it receives.
--
-- Operators write them. A tenant reads its own, without the references to secrets.

create function jobforge.refs_belong_to(p_tenant_id uuid, p_refs text[])
returns boolean
language sql immutable
set search_path = pg_catalog, pg_temp
as $$
  select cardinality(p_refs) <= 3 and coalesce(array_ndims(p_refs), 1) = 1
    and count(distinct ref) = cardinality(p_refs)
    and coalesce(bool_and(ref ~ ('^(?:env:JOBFORGE_SECRET_'
      || upper(replace(p_tenant_id::text, '-', '') collate "C") || '_[A-Z0-9_]{1,64}'
      || '|vault:[a-z][a-z0-9_-]{0,62})$')), true)
  from unnest(p_refs) as ref
$$;
comment on function jobforge.refs_belong_to(uuid, text[]) is
  'Whether these are up to three different references to secrets of this tenant.';

create table public.jobforge_connector_configs (
  tenant_id uuid not null,
  id uuid not null default gen_random_uuid(),
  connector text not null,
  name text not null default 'default',
  config jsonb not null,
  secret_refs text[] not null default '{}',
  enabled boolean not null default true,
  disabled_reason text,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  constraint jobforge_connector_configs_pkey primary key (tenant_id, connector, name),
  constraint jobforge_connector_configs_one_per_id unique (id),
  constraint name_is_plain check (name ~ jobforge.name_pattern()),
  constraint config_fits_the_connector check (
    jobforge.problem_with_config(connector, config) is null),
  constraint secret_refs_are_the_tenants check (jobforge.refs_belong_to(tenant_id, secret_refs)),
  constraint secrets_where_they_are_needed check (
    cardinality(secret_refs) > 0 or connector = 'connector.http.request' and not config ? 'auth'),
  constraint disabled_reason_only_while_disabled check (enabled = (disabled_reason is null)),
  constraint disabled_reason_is_short check (length(disabled_reason) between 1 and 200)
);
comment on table public.jobforge_connector_configs is
  'The hosts that a tenant''s jobs may call, a webhook destination, or a webhook endpoint.';
comment on column public.jobforge_connector_configs.id is
  'Random, so that the address of a webhook endpoint reveals nothing about its tenant.';
comment on column public.jobforge_connector_configs.secret_refs is
  'References like env:JOBFORGE_SECRET_<tenant>_… or vault:…, newest first. Tenants may not read '
  'them.';

create function jobforge.problem_with_connector(p_config public.jobforge_connector_configs)
returns text
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return case
    when p_config.name is null or p_config.name !~ jobforge.name_pattern()
      then 'p_name must be a lower-case letter and then up to 62 letters, digits or _ . -'
    when jobforge.problem_with_config(p_config.connector, p_config.config) is not null
      then 'p_' || jobforge.problem_with_config(p_config.connector, p_config.config)
    when jobforge.refs_belong_to(p_config.tenant_id, p_config.secret_refs) is not true
      then 'p_secret_refs must be up to three different references: vault:<name>, or '
        || 'env:JOBFORGE_SECRET_<tenant in upper-case hex>_<NAME> of the same tenant'
    when cardinality(p_config.secret_refs) = 0
      and (p_config.connector <> 'connector.http.request' or p_config.config ? 'auth')
      then 'p_secret_refs must name a secret'
    when p_config.enabled is null then 'p_enabled must be true or false'
  end;
end
$$;
comment on function jobforge.problem_with_connector(public.jobforge_connector_configs) is
  'Returns what a configuration must hold and does not, or null for a valid one.';

create function jobforge.audit_connector(p_action text, p_before public.jobforge_connector_configs,
  p_after public.jobforge_connector_configs)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_detail jsonb := '{}'::jsonb;
  v_side record;
begin
  for v_side in
    select * from (values ('before', p_before), ('after', p_after)) as sides (name, config)
  loop
    if (v_side.config).id is not null then
      v_detail := v_detail || jsonb_build_object(v_side.name, jsonb_build_object(
        'keys', (select coalesce(jsonb_agg(setting order by setting), '[]')
          from jsonb_object_keys((v_side.config).config) as setting),
        'secret_refs', cardinality((v_side.config).secret_refs),
        'enabled', (v_side.config).enabled,
        'disabled_reason', (v_side.config).disabled_reason));
    end if;
  end loop;
  perform jobforge.audit(p_action, coalesce(p_after.tenant_id, p_before.tenant_id),
    coalesce(p_after.connector, p_before.connector) || '/' || coalesce(p_after.name, p_before.name),
    v_detail);
end
$$;
comment on function jobforge.audit_connector(text, public.jobforge_connector_configs,
  public.jobforge_connector_configs) is
  'Records the keys of a configuration and how many secrets it has, before and after. It never '
  'records a value.';
