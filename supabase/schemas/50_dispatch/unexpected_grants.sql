-- Unexpected grants: rights that differ from those that jobforge.apply_rights sets.

create function jobforge.unexpected_grants()
returns text[]
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  with published as (
    select pg_class.oid, pg_class.relname, pg_class.relkind, pg_class.relrowsecurity
    from pg_class
    where pg_class.relnamespace = 'public'::regnamespace
      and starts_with(pg_class.relname, 'jobforge_')
      and pg_class.relkind in ('r', 'p', 'v')
  ),
  unexpected (what) as (
    select format('%s may %s %s', api.role, checked.privilege, published.relname)
    from published,
      unnest(array['anon', 'authenticated', 'service_role']) as api (role),
      unnest(array['insert', 'update', 'delete', 'truncate']) as checked (privilege)
    where has_table_privilege(api.role, published.oid, checked.privilege)
    union all
    select format('%s may %s jobforge.%s', api.role, checked.privilege, pg_class.relname)
    from pg_class,
      unnest(array['anon', 'authenticated', 'service_role']) as api (role),
      unnest(array['select', 'insert', 'update', 'delete', 'truncate']) as checked (privilege)
    where pg_class.relnamespace = 'jobforge'::regnamespace and pg_class.relkind in ('r', 'p')
      and has_table_privilege(api.role, pg_class.oid, checked.privilege)
      -- A table that a view in public reads has a policy.
      and (checked.privilege <> 'select'
        or not exists (select from pg_policy where pg_policy.polrelid = pg_class.oid))
    union all
    select 'anon may use the schema jobforge'
    where has_schema_privilege('anon', 'jobforge', 'usage')
    union all
    select format('anon may select %s', published.relname) from published
    where has_table_privilege('anon', published.oid, 'select')
    union all
    select format('%s has no row level security', published.relname) from published
    where published.relkind <> 'v' and not published.relrowsecurity
    union all
    select format('%s %s execute %s', api.role,
      case when api.role = any (expected.roles) then 'may not' else 'may' end,
      replace(expected.function::regproc::text, 'public.', ''))
    from jobforge.function_rights() as expected,
      unnest(array['anon', 'authenticated', 'service_role']) as api (role)
    where has_function_privilege(api.role, expected.function, 'execute')
      <> (api.role = any (expected.roles))
  )
  select array_agg(unexpected.what order by unexpected.what) from unexpected
$$;
comment on function jobforge.unexpected_grants() is
  'Returns rights that differ from those that apply_rights sets, or null: a table that an API role '
  'may write, a function open to the wrong role or closed to the right one, a table without row '
  'level security.';
