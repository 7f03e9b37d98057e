-- Rights. Default deny, derived from the catalog.
--
-- No API role, service_role included, may write a table: every change goes through a function that
-- checks. The first word of a function's comment is its audience. A public function or a SECURITY
-- DEFINER function without a known audience fails here. docs/rights.md lists every function with
-- its audience and reason, and a test compares that page with the catalog.

create function jobforge.audiences()
returns table (audience text, roles text[])
language sql immutable
set search_path = pg_catalog, pg_temp
as $$
  values
    ('Users', '{authenticated,service_role}'::text[]),
    ('Policies', '{authenticated,service_role}'), -- policies and wrappers run as the caller
    ('Workers', '{service_role}'),
    ('Webhooks', '{service_role}'),
    ('Operators', '{service_role}'),
    ('Database', '{}') -- triggers and pg_cron
$$;
comment on function jobforge.audiences() is
  'Every audience of functions, with the roles that may call them.';

create function jobforge.function_rights()
returns table (function regprocedure, audience text, roles text[])
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select pg_proc.oid::regprocedure, named.audience,
    case when named.audience is null and not pg_proc.prosecdef
        and pg_proc.pronamespace = 'jobforge'::regnamespace then '{}'
      else known.roles end
  from pg_proc
  cross join lateral (
    select substring(obj_description(pg_proc.oid, 'pg_proc') from '^([A-Z][a-z]*): ')
  ) as named (audience)
  left join jobforge.audiences() as known on known.audience = named.audience
  where pg_proc.pronamespace = 'jobforge'::regnamespace
    or pg_proc.pronamespace = 'public'::regnamespace and pg_proc.proname like 'jobforge\_%'
$$;
comment on function jobforge.function_rights() is
  'The roles that may call each function of JobForge. They are null when it lacks a known '
  'audience.';

create function jobforge.grant_functions()
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_unknown constant text := (
    select string_agg(rights.function::text, ', ') from jobforge.function_rights() as rights
    where rights.roles is null);
  v_right record;
begin
  if v_unknown is not null then
    raise exception using
      message = 'the comment of a function must begin with its audience: ' || v_unknown,
      hint = (
        select 'Audiences are ' || string_agg(known.audience, ', ')
        from jobforge.audiences() as known);
  end if;
  for v_right in select * from jobforge.function_rights() loop
    execute format('revoke all on function %s from public, anon, authenticated, service_role',
      v_right.function);
    if v_right.roles <> '{}' then
      execute format('grant execute on function %s to %s',
        v_right.function, array_to_string(v_right.roles, ', '));
    end if;
  end loop;
end
$$;
comment on function jobforge.grant_functions() is 'Grants each function to its audience alone.';

create function jobforge.grant_tables()
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_relation record;
begin
  for v_relation in
    select pg_class.oid::regclass as name, pg_class.relkind from pg_class
    where pg_class.relkind in ('r', 'p', 'v', 'S')
      and (pg_class.relnamespace = 'jobforge'::regnamespace
        or pg_class.relnamespace = 'public'::regnamespace and pg_class.relname like 'jobforge\_%')
  loop
    execute format('revoke all on %s %s from public, anon, authenticated, service_role',
      case v_relation.relkind when 'S' then 'sequence' else 'table' end, v_relation.name);
    if v_relation.relkind in ('r', 'p') then
      execute format('alter table %s enable row level security', v_relation.name);
    end if;
  end loop;

  -- A tenant reads its own rows, a service all of them.
  for v_relation in
    select pg_class.oid::regclass as name, pg_class.relname, pg_class.relkind
    from unnest(array[
      'public.jobforge_queues', 'public.jobforge_jobs', 'public.jobforge_job_attempts',
      'jobforge.unsuccessful_attempts', 'public.jobforge_job_results',
      'public.jobforge_audit_log', 'public.jobforge_schedules',
      'public.jobforge_connector_configs', 'public.jobforge_received_webhooks'
    ]::regclass[]) as readable (oid)
    join pg_class on pg_class.oid = readable.oid
  loop
    execute format('grant select on %s to authenticated, service_role', v_relation.name);
    if v_relation.relkind <> 'v' then
      execute format('drop policy if exists %I on %s',
        v_relation.relname || '_select_authenticated', v_relation.name);
      execute format('create policy %I on %s for select to authenticated '
        'using (tenant_id = any ((select jobforge.tenant_ids())::uuid[]))',
        v_relation.relname || '_select_authenticated', v_relation.name);
    end if;
  end loop;
  revoke select on public.jobforge_connector_configs from authenticated;
  execute format('grant select (%s) on public.jobforge_connector_configs to authenticated', (
    select string_agg(quote_ident(pg_attribute.attname), ', ' order by pg_attribute.attnum)
    from pg_attribute
    where pg_attribute.attrelid = 'public.jobforge_connector_configs'::regclass
      and pg_attribute.attnum > 0 and not pg_attribute.attisdropped
      and pg_attribute.attname <> 'secret_refs'));
end
$$;
comment on function jobforge.grant_tables() is
  'Enables row level security on every table and lets tenants read their own rows.';

create function jobforge.apply_rights()
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
set lock_timeout = '1s' -- policies need exclusive locks: fail rather than queue every tenant
as $$
begin
  revoke all on schema jobforge from public, anon, authenticated, service_role;
  grant usage on schema jobforge to authenticated, service_role;
  perform jobforge.grant_functions();
  perform jobforge.grant_tables();
end
$$;
comment on function jobforge.apply_rights() is
  'Sets every right of JobForge anew. Run it as the owner to repair rights.';

select jobforge.apply_rights();
