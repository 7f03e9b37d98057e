-- Grants of an object to the API roles: read them, and replace them when they differ.

create function jobforge.api_grants(p_acl aclitem[], p_columns text default '')
returns setof text
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select format('%s%s to %s%s', acl.privilege_type, p_columns, named.role,
    case when acl.is_grantable then ' with grant option' else '' end)
  from aclexplode(p_acl) as acl
  cross join lateral (
    select case when acl.grantee = 0 then 'public' else pg_get_userbyid(acl.grantee)::text end
  ) as named (role)
  where named.role in ('public', 'anon', 'authenticated', 'service_role')
$$;
comment on function jobforge.api_grants(aclitem[], text) is
  'Returns what API roles may do, each as <privilege> to <role>.';

create function jobforge.set_grants(p_object text, p_present text[], p_wanted text[])
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_grant text;
begin
  -- Equal grants stay untouched, so that a repair writes and locks nothing that is right.
  if p_present @> p_wanted and p_present <@ p_wanted then
    return;
  end if;
  execute format('revoke all on %s from public, anon, authenticated, service_role', p_object);
  foreach v_grant in array p_wanted loop
    execute format('grant %s on %s to %s',
      split_part(v_grant, ' to ', 1), p_object, split_part(v_grant, ' to ', 2));
  end loop;
end
$$;
comment on function jobforge.set_grants(text, text[], text[]) is
  'Replaces the grants of an object to the API roles if they differ from p_wanted.';
