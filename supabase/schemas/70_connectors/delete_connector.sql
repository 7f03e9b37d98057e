-- Delete a connector configuration.

create function jobforge.delete_connector(p_tenant_id uuid, p_connector text, p_name text)
returns void
language plpgsql
security definer -- operators only, like configure_connector
set search_path = pg_catalog, pg_temp
set lock_timeout = '1s'
as $$
declare
  v_before public.jobforge_connector_configs;
begin
  perform jobforge.require_service();
  delete from public.jobforge_connector_configs
  where tenant_id = p_tenant_id and connector = p_connector and name = p_name
  returning * into v_before;
  if not found then
    perform jobforge.fail('not_found', 'no such connector');
  end if;
  perform jobforge.audit_connector('delete_connector', v_before, null);
exception when lock_not_available then
  perform jobforge.fail('busy', 'another transaction is changing a connector of this tenant: try '
    'again after it has ended');
end
$$;
comment on function jobforge.delete_connector(uuid, text, text) is
  'Operators: deletes a configuration. A new one has another id.';

create function public.jobforge_delete_connector(
  p_tenant_id uuid, p_connector text, p_name text default 'default')
returns void
language sql volatile
set search_path = pg_catalog, pg_temp
set statement_timeout = '2s'
as $$ select jobforge.delete_connector(p_tenant_id, p_connector, p_name) $$;
comment on function public.jobforge_delete_connector(uuid, text, text) is
  'Operators: deletes a tenant''s connector configuration.';
