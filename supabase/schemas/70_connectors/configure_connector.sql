-- Configure a connector: create or replace a configuration.

create function jobforge.save_connector(p_tenant_id uuid, p_connector text, p_name text,
  p_config jsonb, p_secret_refs text[], p_enabled boolean)
returns uuid
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_now constant timestamptz := jobforge.clock();
  v_before public.jobforge_connector_configs;
  v_after public.jobforge_connector_configs;
  v_problem text;
begin
  v_after := row(p_tenant_id, gen_random_uuid(), p_connector, p_name, p_config, p_secret_refs,
    p_enabled, case when not p_enabled then 'disabled by an operator' end, v_now, v_now);
  v_problem := case when p_tenant_id is null then 'p_tenant_id is missing'
    else jobforge.problem_with_connector(v_after) end;
  if v_problem is not null then
    perform jobforge.fail('invalid_argument', v_problem);
  end if;
  if p_connector <> 'webhook-verify' and jobforge.names_own_project(p_config) then
    perform jobforge.fail('invalid_argument',
      'p_config must not name a host of this project: no job may call it');
  end if;
  perform jobforge.refuse_erased(p_tenant_id);
  -- A secret that is changed meanwhile is checked against this configuration, or here.
  perform jobforge.lock_secrets_of(p_tenant_id);
  v_problem := jobforge.problem_with_secrets_of(v_after);
  if v_problem is not null then
    perform jobforge.fail('invalid_argument', v_problem);
  end if;
  if p_config ->> 'queue' <> 'default' and not exists (
    select from jobforge.queues as q
    where q.tenant_id = p_tenant_id and q.queue = p_config ->> 'queue')
  then
    perform jobforge.fail('not_found', 'p_config.queue: the tenant has no such queue');
  end if;
  if p_connector = 'connector.webhook.deliver' and (
    select count(*) from public.jobforge_connector_configs
    where tenant_id = p_tenant_id and connector = p_connector and name <> p_name) >= 50
  then
    perform jobforge.fail('wrong_state', 'the tenant has 50 webhook destinations already');
  end if;
  select * into v_before from public.jobforge_connector_configs
  where tenant_id = p_tenant_id and connector = p_connector and name = p_name
  for no key update;
  insert into public.jobforge_connector_configs
  select v_after.*
  on conflict (tenant_id, connector, name) do update
    set config = excluded.config, secret_refs = excluded.secret_refs, enabled = excluded.enabled,
      disabled_reason = excluded.disabled_reason, updated_at = excluded.updated_at
  returning * into v_after;
  if p_connector = 'connector.webhook.deliver' then
    -- An insert that conflicts would wait for a user who is pausing the destination.
    insert into jobforge.destination_states (destination_id, tenant_id)
    select v_after.id, p_tenant_id
    where not exists (
      select from jobforge.destination_states where destination_id = v_after.id);
    perform jobforge.make_delivery_queue(p_tenant_id);
  end if;
  perform jobforge.audit_connector('configure_connector', v_before, v_after);
  return v_after.id;
end
$$;
comment on function jobforge.save_connector(uuid, text, text, jsonb, text[], boolean) is
  'Creates or replaces a configuration that keeps all rules. The caller has checked who may.';

create function jobforge.configure_connector(p_tenant_id uuid, p_connector text, p_name text,
  p_config jsonb, p_secret_refs text[], p_enabled boolean)
returns uuid
language plpgsql
security definer -- operators only: a tenant could let its jobs call any host
set search_path = pg_catalog, pg_temp
set lock_timeout = '1s'
as $$
begin
  perform jobforge.require_service();
  return jobforge.save_connector(
    p_tenant_id, p_connector, p_name, p_config, p_secret_refs, p_enabled);
exception when lock_not_available then
  perform jobforge.fail('busy', 'another transaction is changing a connector of this tenant: try '
    'again after it has ended');
  return null;
end
$$;
comment on function jobforge.configure_connector(uuid, text, text, jsonb, text[], boolean) is
  'Operators: creates or replaces a configuration. Returns its id, which a replacement keeps.';

create function public.jobforge_configure_connector(p_tenant_id uuid, p_connector text,
  p_name text default 'default', p_config jsonb default '{}', p_secret_refs text[] default '{}',
  p_enabled boolean default true)
returns uuid
language sql volatile
set search_path = pg_catalog, pg_temp
set statement_timeout = '2s'
as $$
  select jobforge.configure_connector(
    p_tenant_id, p_connector, p_name, p_config, p_secret_refs, p_enabled)
$$;
comment on function public.jobforge_configure_connector(uuid, text, text, jsonb, text[], boolean) is
  'Operators: creates or replaces a tenant''s connector configuration. Returns its id.';
