-- JobForge, chapter 17: connectors.
--
-- Where a tenant's jobs may go and which webhooks it takes in. Operators configure; the tenant
-- reads its configurations without their references to secrets.

create function jobforge.refs_belong_to(p_tenant_id uuid, p_refs text[])
returns boolean
language sql immutable
set search_path = pg_catalog, pg_temp
as $$
  select cardinality(p_refs) <= 3 and coalesce(array_ndims(p_refs), 1) = 1
    and count(distinct r) = cardinality(p_refs)
    and coalesce(bool_and(r ~ ('^(?:env:JOBFORGE_SECRET_'
      || upper(replace(p_tenant_id::text, '-', '')) || '_[A-Z0-9_]{1,64}'
      || '|vault:[a-z][a-z0-9_-]{0,62})$')), true)
  from unnest(p_refs) as r
$$;
comment on function jobforge.refs_belong_to(uuid, text[]) is
  'Up to three references to secrets, none of which can name what is not this tenant''s.';

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
  constraint name_is_plain check (name ~ '^[a-z][a-z0-9_.-]{0,62}$'),
  constraint config_fits_the_connector check (
    jobforge.problem_with_config(connector, config) is null),
  constraint secret_refs_are_the_tenants check (jobforge.refs_belong_to(tenant_id, secret_refs)),
  constraint secrets_where_they_are_needed check (
    cardinality(secret_refs) > 0 or connector = 'connector.http.request' and not config ? 'auth'),
  constraint disabled_reason_only_while_disabled check (enabled = (disabled_reason is null)),
  constraint disabled_reason_is_short check (length(disabled_reason) between 1 and 200)
);
comment on table public.jobforge_connector_configs is
  'Where a tenant''s jobs may go, or a webhook endpoint it takes events in at.';
comment on column public.jobforge_connector_configs.id is
  'Opaque: the address of an endpoint shows nothing of its tenant.';
comment on column public.jobforge_connector_configs.secret_refs is
  'env:JOBFORGE_SECRET_<tenant>_… or vault:…; newest first. Tenants may not read them.';

create function jobforge.problem_with_connector(p_config public.jobforge_connector_configs)
returns text
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return case
    when p_config.name is null or p_config.name !~ '^[a-z][a-z0-9_.-]{0,62}$'
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
  'What breaks a rule in a configuration, in words; null when nothing does.';

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
    select * from (values ('before', p_before), ('after', p_after)) as s (name, c)
  loop
    if (v_side.c).id is not null then
      v_detail := v_detail || jsonb_build_object(v_side.name, jsonb_build_object(
        'keys', (select coalesce(jsonb_agg(k order by k), '[]')
          from jsonb_object_keys((v_side.c).config) as k),
        'secret_refs', cardinality((v_side.c).secret_refs), 'enabled', (v_side.c).enabled,
        'disabled_reason', (v_side.c).disabled_reason));
    end if;
  end loop;
  perform jobforge.audit(p_action, coalesce(p_after.tenant_id, p_before.tenant_id),
    coalesce(p_after.connector, p_before.connector) || '/' || coalesce(p_after.name, p_before.name),
    v_detail);
end
$$;
comment on function jobforge.audit_connector(text, public.jobforge_connector_configs,
  public.jobforge_connector_configs) is
  'Records which keys a configuration had and has, and how many secrets; never a value.';

create function jobforge.configure_connector(p_tenant_id uuid, p_connector text, p_name text,
  p_config jsonb, p_secret_refs text[], p_enabled boolean)
returns uuid
language plpgsql
security definer -- operators only: tenants could open every host to their jobs
set search_path = pg_catalog, pg_temp
as $$
declare
  v_now constant timestamptz := jobforge.clock();
  v_before public.jobforge_connector_configs;
  v_after public.jobforge_connector_configs;
  v_problem text;
begin
  perform jobforge.require_service();
  v_after := row(p_tenant_id, gen_random_uuid(), p_connector, p_name, p_config, p_secret_refs,
    p_enabled, case when not p_enabled then 'disabled by an operator' end, v_now, v_now);
  v_problem := case when p_tenant_id is null then 'p_tenant_id is missing'
    else jobforge.problem_with_connector(v_after) end;
  if v_problem is not null then
    perform jobforge.fail('invalid_argument', v_problem);
  end if;
  perform jobforge.refuse_erased(p_tenant_id);
  if p_config ->> 'queue' <> 'default' and not exists (
    select from public.jobforge_queues as q
    where q.tenant_id = p_tenant_id and q.queue = p_config ->> 'queue')
  then
    perform jobforge.fail('not_found', 'p_config.queue: the tenant has no such queue');
  end if;
  select c.* into v_before from public.jobforge_connector_configs as c
  where c.tenant_id = p_tenant_id and c.connector = p_connector and c.name = p_name
  for no key update;
  insert into public.jobforge_connector_configs as c
  select v_after.*
  on conflict (tenant_id, connector, name) do update
    set config = excluded.config, secret_refs = excluded.secret_refs, enabled = excluded.enabled,
      disabled_reason = case when not excluded.enabled
        then coalesce(c.disabled_reason, excluded.disabled_reason) end,
      updated_at = excluded.updated_at
  returning c.* into v_after;
  perform jobforge.audit_connector('configure_connector', v_before, v_after);
  return v_after.id;
end
$$;
comment on function jobforge.configure_connector(uuid, text, text, jsonb, text[], boolean) is
  'Makes a configuration or replaces it, and returns its id, which stays.';

create function jobforge.delete_connector(p_tenant_id uuid, p_connector text, p_name text)
returns void
language plpgsql
security definer -- operators only, like configuring
set search_path = pg_catalog, pg_temp
as $$
declare
  v_before public.jobforge_connector_configs;
begin
  perform jobforge.require_service();
  delete from public.jobforge_connector_configs as c
  where c.tenant_id = p_tenant_id and c.connector = p_connector and c.name = p_name
  returning c.* into v_before;
  if not found then
    perform jobforge.fail('not_found', 'no such connector');
  end if;
  perform jobforge.audit_connector('delete_connector', v_before, null);
end
$$;
comment on function jobforge.delete_connector(uuid, text, text) is
  'Deletes a configuration; its id is never used again.';

create function jobforge.disable_connector(p_tenant_id uuid, p_id uuid, p_reason text)
returns boolean
language plpgsql
security definer -- workers: an endpoint that answers 410 is not called again
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
  select c.* into v_before from public.jobforge_connector_configs as c
  where c.tenant_id = p_tenant_id and c.id = p_id
  for no key update;
  if not found then
    perform jobforge.fail('not_found', 'no such connector');
  elsif not v_before.enabled then
    return false;
  end if;
  update public.jobforge_connector_configs as c
  set enabled = false, disabled_reason = p_reason, updated_at = jobforge.clock()
  where c.tenant_id = p_tenant_id and c.id = p_id
  returning c.* into v_after;
  perform jobforge.audit_connector('disable_connector', v_before, v_after);
  return true;
end
$$;
comment on function jobforge.disable_connector(uuid, uuid, text) is
  'Disables a configuration until an operator enables it; false when it was disabled already.';
