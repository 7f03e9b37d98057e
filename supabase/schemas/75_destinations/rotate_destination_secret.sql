-- Rotate the secret of a destination, without the name of the secret.

create function jobforge.rotate_destination_secret(
  p_tenant_id uuid, p_destination text, p_value text, p_overlap_seconds int)
returns table (version int, expires_at timestamptz)
language plpgsql
security definer -- writes Vault: bounded by the caller's tenant, if users may, returns no value
set search_path = pg_catalog, pg_temp
set lock_timeout = '1s'
as $$
declare
  v_tenant_id constant uuid := jobforge.callers_tenant(p_tenant_id);
  v_name text;
begin
  perform jobforge.require_destination_manager();
  select substr(named.ref, length('vault:') + 1) into v_name
  from unnest((jobforge.find_destination(v_tenant_id, p_destination)).secret_refs)
    with ordinality as named (ref, ordinality)
  where named.ref like 'vault:%'
  order by named.ordinality
  limit 1;
  if not found then
    perform jobforge.fail('wrong_state',
      'the secret of this destination is in the worker''s environment: its operator rotates it');
  end if;
  return query
  select rotated.version, rotated.expires_at
  from jobforge.rotate_secret(v_tenant_id, v_name, p_value, p_overlap_seconds) as rotated;
exception when lock_not_available then
  perform jobforge.fail('busy',
    'another transaction is changing the secrets of the tenant: try again');
end
$$;
comment on function jobforge.rotate_destination_secret(uuid, text, text, int) is
  'Users: stores the next version of the secret of a destination. Both sign for the overlap. '
  'Returns the active versions.';

create function public.jobforge_rotate_destination_secret(p_tenant_id uuid default null,
  p_destination text default null, p_value text default null, p_overlap_seconds int default 86400)
returns table (version int, expires_at timestamptz)
language sql volatile
set search_path = pg_catalog, pg_temp
set statement_timeout = '2s'
as $$
  select * from jobforge.rotate_destination_secret(
    p_tenant_id, p_destination, p_value, p_overlap_seconds)
$$;
comment on function public.jobforge_rotate_destination_secret(uuid, text, text, int) is
  'Users: stores the next version of a destination''s secret. Both sign for the overlap.';
