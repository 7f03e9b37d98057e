-- Delete a webhook destination.

create function jobforge.revoke_unused_secrets(p_config public.jobforge_connector_configs)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_name text;
begin
  for v_name in
    select substr(named.ref, length('vault:') + 1) from unnest(p_config.secret_refs) as named (ref)
    where named.ref like 'vault:%' and not exists (
      select from public.jobforge_connector_configs
      where tenant_id = p_config.tenant_id and secret_refs @> array[named.ref])
  loop
    if exists (
      select from jobforge.active_secrets(p_config.tenant_id, v_name, jobforge.clock()))
    then
      perform jobforge.revoke_secret(p_config.tenant_id, v_name, null);
    end if;
  end loop;
end
$$;
comment on function jobforge.revoke_unused_secrets(public.jobforge_connector_configs) is
  'Deletes the secrets of a configuration that was deleted, unless another one names them.';

create function jobforge.delete_destination(p_tenant_id uuid, p_name text)
returns void
language plpgsql
security definer -- writes configurations: bounded by the caller's tenant, if users may
set search_path = pg_catalog, pg_temp
set lock_timeout = '1s'
as $$
declare
  v_tenant_id constant uuid := jobforge.callers_tenant(p_tenant_id);
  v_config public.jobforge_connector_configs;
begin
  perform jobforge.require_destination_manager();
  -- No other call names the secret meanwhile, so it is revoked only where no destination needs it.
  perform jobforge.lock_secrets_of(v_tenant_id);
  v_config := jobforge.find_destination(v_tenant_id, p_name);
  delete from public.jobforge_connector_configs where id = v_config.id;
  if not found then
    -- An operator deleted it meanwhile.
    v_config := jobforge.find_destination(v_tenant_id, p_name);
  end if;
  perform jobforge.audit_connector('delete_connector', v_config, null);
  perform jobforge.revoke_unused_secrets(v_config);
exception when lock_not_available then
  perform jobforge.fail('busy',
    'another transaction is changing the destinations of the tenant: try again');
end
$$;
comment on function jobforge.delete_destination(uuid, text) is
  'Users: deletes a webhook destination and its secret. Messages on the way to it are not sent. A '
  'job with data of its own goes to the next destination of that name.';

create function public.jobforge_delete_destination(
  p_tenant_id uuid default null, p_name text default null)
returns void
language sql volatile
set search_path = pg_catalog, pg_temp
set statement_timeout = '2s'
as $$ select jobforge.delete_destination(p_tenant_id, p_name) $$;
comment on function public.jobforge_delete_destination(uuid, text) is
  'Users: deletes a webhook destination and its secret. Messages on the way to it are not sent. A '
  'job with data of its own goes to the next destination of that name.';
