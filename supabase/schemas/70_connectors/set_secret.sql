-- Set a secret. Earlier versions end at once. The result has versions, never a value.

create function jobforge.set_secret(p_tenant_id uuid, p_name text, p_value text)
returns table (name text, version int, expires_at timestamptz)
language plpgsql
security definer -- writes Vault: bounded by the caller's tenant, and returns no value
set search_path = pg_catalog, pg_temp
as $$
declare
  v_tenant_id constant uuid := jobforge.callers_tenant(p_tenant_id);
  v_now constant timestamptz := jobforge.clock();
  v_version int;
begin
  perform jobforge.lock_secret(v_tenant_id, p_name);
  v_version := jobforge.add_secret(v_tenant_id, p_name, p_value, v_now);
  perform jobforge.end_secrets(v_tenant_id, p_name, array(
    select secrets.version from jobforge.secrets
    where secrets.tenant_id = v_tenant_id and secrets.name = p_name
      and secrets.version < v_version), v_now);
  perform jobforge.audit('set_secret', v_tenant_id, p_name,
    jsonb_build_object('version', v_version));
  return query
  select active.name, active.version, active.expires_at
  from jobforge.active_secrets(v_tenant_id, p_name, v_now) as active;
end
$$;
comment on function jobforge.set_secret(uuid, text, text) is
  'Users: stores a secret. Earlier versions end at once.';

create function public.jobforge_set_secret(
  p_tenant_id uuid default null, p_name text default null, p_value text default null)
returns table (name text, version int, expires_at timestamptz)
language sql volatile
set search_path = pg_catalog, pg_temp
set statement_timeout = '2s'
as $$ select * from jobforge.set_secret(p_tenant_id, p_name, p_value) $$;
comment on function public.jobforge_set_secret(uuid, text, text) is
  'Users: stores a secret in Vault. Earlier versions end at once. No function returns a value to '
  'users.';
