-- Rotate a secret. Earlier versions stay valid for the overlap. The result has versions, never a
-- value.

create function jobforge.rotate_secret(
  p_tenant_id uuid, p_name text, p_value text, p_overlap_seconds int)
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
  if p_overlap_seconds is null or p_overlap_seconds not between 0 and 2592000 then
    perform jobforge.fail('invalid_argument', 'p_overlap_seconds must be from 0 to 2592000');
  end if;
  perform jobforge.lock_secret(v_tenant_id, p_name);
  if not exists (select from jobforge.active_secrets(v_tenant_id, p_name, v_now)) then
    perform jobforge.fail('not_found', 'no such secret');
  end if;
  v_version := jobforge.add_secret(v_tenant_id, p_name, p_value, v_now);
  update jobforge.secrets
  set expires_at = least(secrets.expires_at, v_now + make_interval(secs => p_overlap_seconds))
  where secrets.tenant_id = v_tenant_id and secrets.name = p_name and secrets.version < v_version;
  -- A fourth version ends the oldest, so that a rotation is never rejected.
  perform jobforge.end_secrets(v_tenant_id, p_name, array(
    select secrets.version from jobforge.secrets
    where secrets.tenant_id = v_tenant_id and secrets.name = p_name and secrets.version < v_version
      and secrets.version not in (
        select active.version from jobforge.active_secrets(v_tenant_id, p_name, v_now) as active
        limit 3)), v_now);
  perform jobforge.audit('rotate_secret', v_tenant_id, p_name,
    jsonb_build_object('version', v_version, 'overlap_seconds', p_overlap_seconds));
  return query
  select active.name, active.version, active.expires_at
  from jobforge.active_secrets(v_tenant_id, p_name, v_now) as active;
end
$$;
comment on function jobforge.rotate_secret(uuid, text, text, int) is
  'Users: stores the next version of a secret. Earlier versions stay valid for the overlap, three '
  'in all.';

create function public.jobforge_rotate_secret(p_tenant_id uuid default null,
  p_name text default null, p_value text default null, p_overlap_seconds int default 86400)
returns table (name text, version int, expires_at timestamptz)
language sql volatile
set search_path = pg_catalog, pg_temp
set statement_timeout = '2s'
as $$ select * from jobforge.rotate_secret(p_tenant_id, p_name, p_value, p_overlap_seconds) $$;
comment on function public.jobforge_rotate_secret(uuid, text, text, int) is
  'Users: stores the next version of a secret. Earlier versions stay valid for the overlap.';
