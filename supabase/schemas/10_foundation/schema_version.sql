-- The version of the schema, and which workers it serves.
--
-- `deno task release` writes both numbers. N stands for major and minor version. Schema N serves
-- workers of N and of the release before. A worker of N runs on schema N and on the next one. So a
-- project is upgraded in two steps: the migration first, the functions after it.

create function jobforge.schema_version()
returns text
language sql stable
set search_path = pg_catalog, pg_temp
as $$ select '0.8.0' $$;
comment on function jobforge.schema_version() is
  'Operators: returns the version of JobForge that this schema belongs to.';

create function jobforge.oldest_worker()
returns text
language sql stable
set search_path = pg_catalog, pg_temp
as $$ select '0.8.0' $$;
comment on function jobforge.oldest_worker() is
  'Returns the oldest version of workers that this schema serves. Its patch does not count.';

create function jobforge.minor_version(p_version text)
returns int[]
language sql immutable
set search_path = pg_catalog, pg_temp
as $$ select (string_to_array(p_version, '.')::int[])[1:2] $$;
comment on function jobforge.minor_version(text) is
  'Returns major and minor of a version, to compare.';

create function jobforge.version_problem(p_version text)
returns text
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_schema constant text := jobforge.schema_version();
  v_oldest constant text := jobforge.oldest_worker();
begin
  if p_version !~ '^[0-9]{1,6}[.][0-9]{1,6}[.][0-9]{1,6}$' then
    perform jobforge.fail('invalid_argument', format(
      'p_version must be a version such as 1.2.3, not %s', jobforge.quote(p_version)));
  elsif jobforge.minor_version(p_version) > jobforge.minor_version(v_schema) then
    return format('worker %s is newer than schema %s: push the migration of jobforge upgrade',
      p_version, v_schema);
  elsif jobforge.minor_version(p_version) < jobforge.minor_version(v_oldest) then
    return format('worker %s is too old for schema %s: deploy the functions of jobforge upgrade',
      p_version, v_schema);
  end if;
  return null;
end
$$;
comment on function jobforge.version_problem(text) is
  'Returns why this schema does not serve a worker of a version, with what to do, or null. A null '
  'version belongs to a caller of its own kind and is not checked.';

create function public.jobforge_schema_version()
returns text
language sql stable
set search_path = pg_catalog, pg_temp
as $$ select jobforge.schema_version() $$;
comment on function public.jobforge_schema_version() is
  'Operators: returns the version of JobForge that the database has.';
