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
  select p.oid::regprocedure, named.audience,
    case when named.audience is null and not p.prosecdef
        and p.pronamespace = 'jobforge'::regnamespace then '{}'
      else audiences.roles end
  from pg_proc as p
  cross join lateral (
    select substring(obj_description(p.oid, 'pg_proc') from '^([A-Z][a-z]*): ')) as named (audience)
  left join jobforge.audiences() as audiences on audiences.audience = named.audience
  where p.pronamespace = 'jobforge'::regnamespace
    or p.pronamespace = 'public'::regnamespace and p.proname like 'jobforge\_%'
$$;
comment on function jobforge.function_rights() is
  'The roles that may call each function of JobForge. Null roles: it lacks a known audience.';

create function jobforge.grant_functions()
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_unknown constant text := (
    select string_agg(r.function::text, ', ') from jobforge.function_rights() as r
    where r.roles is null);
  v_right record;
begin
  if v_unknown is not null then
    raise exception using
      message = 'the comment of a function must begin with its audience: ' || v_unknown,
      hint = (select 'Audiences are ' || string_agg(a.audience, ', ') from jobforge.audiences() as a);
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
    select c.oid::regclass as name, c.relkind from pg_class as c
    where c.relkind in ('r', 'p', 'v', 'S') and (c.relnamespace = 'jobforge'::regnamespace
      or c.relnamespace = 'public'::regnamespace and c.relname like 'jobforge\_%')
  loop
    execute format('revoke all on %s %s from public, anon, authenticated, service_role',
      case v_relation.relkind when 'S' then 'sequence' else 'table' end, v_relation.name);
    if v_relation.relkind in ('r', 'p') then
      execute format('alter table %s enable row level security', v_relation.name);
    end if;
  end loop;

  -- Reading: a tenant reads its own rows, a service all of them.
  for v_relation in
    select c.oid::regclass as name, c.relname, c.relkind from unnest(array[
      'public.jobforge_queues', 'public.jobforge_jobs', 'public.jobforge_job_attempts',
      'jobforge.unsuccessful_attempts', 'public.jobforge_job_results',
      'public.jobforge_audit_log', 'public.jobforge_schedules',
      'public.jobforge_connector_configs', 'public.jobforge_received_webhooks']::regclass[]) as t (
        oid)
    join pg_class as c on c.oid = t.oid
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
    select string_agg(quote_ident(a.attname), ', ' order by a.attnum) from pg_attribute as a
    where a.attrelid = 'public.jobforge_connector_configs'::regclass and a.attnum > 0
      and not a.attisdropped and a.attname <> 'secret_refs'));
end
$$;
comment on function jobforge.grant_tables() is
  'Enables row level security everywhere and lets tenants read their rows of the public tables.';

create function jobforge.apply_rights()
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
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
