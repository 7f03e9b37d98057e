-- Revoke a secret. The result has versions, never a value.

create function jobforge.revoke_secret(p_tenant_id uuid, p_name text, p_version int)
returns table (name text, version int, expires_at timestamptz)
language plpgsql
security definer -- deletes from Vault: bounded by the caller's tenant
set search_path = pg_catalog, pg_temp
as $$
declare
  v_tenant_id constant uuid := jobforge.callers_tenant(p_tenant_id);
  v_now constant timestamptz := jobforge.clock();
  v_versions int[];
begin
  perform jobforge.lock_secret(v_tenant_id, p_name);
  -- Also expired versions that maintenance has not deleted yet.
  v_versions := array(
    select secrets.version from jobforge.secrets
    where secrets.tenant_id = v_tenant_id and secrets.name = p_name
      and secrets.vault_id is not null and (p_version is null or secrets.version = p_version)
    order by secrets.version);
  if v_versions = '{}' then
    perform jobforge.fail('not_found', 'no such secret');
  end if;
  perform jobforge.end_secrets(v_tenant_id, p_name, v_versions, v_now);
  perform jobforge.audit('revoke_secret', v_tenant_id, p_name,
    jsonb_build_object('versions', v_versions));
  return query
  select active.name, active.version, active.expires_at
  from jobforge.active_secrets(v_tenant_id, p_name, v_now) as active;
end
$$;
comment on function jobforge.revoke_secret(uuid, text, int) is
  'Users: deletes a version of a secret, or all of them, at once. Returns the active versions.';

create function public.jobforge_revoke_secret(
  p_tenant_id uuid default null, p_name text default null, p_version int default null)
returns table (name text, version int, expires_at timestamptz)
language sql volatile
set search_path = pg_catalog, pg_temp
set statement_timeout = '2s'
as $$ select * from jobforge.revoke_secret(p_tenant_id, p_name, p_version) $$;
comment on function public.jobforge_revoke_secret(uuid, text, int) is
  'Users: deletes a version of a secret, or all of them, at once.';
