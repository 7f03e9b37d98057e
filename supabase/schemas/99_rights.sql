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
    or pg_proc.pronamespace = 'public'::regnamespace and starts_with(pg_proc.proname, 'jobforge_')
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
    perform jobforge.fail('wrong_state',
      'the comment of a function must begin with its audience: ' || v_unknown,
      (select 'Audiences are ' || string_agg(known.audience, ', ')
        from jobforge.audiences() as known));
  end if;
  for v_right in
    select rights.function, rights.roles,
      array(select jobforge.api_grants(
        coalesce(pg_proc.proacl, acldefault('f', pg_proc.proowner)))) as present
    from jobforge.function_rights() as rights join pg_proc on pg_proc.oid = rights.function
  loop
    perform jobforge.set_grants('routine ' || v_right.function, v_right.present,
      array(select 'EXECUTE to ' || role from unnest(v_right.roles) as role));
  end loop;
end
$$;
comment on function jobforge.grant_functions() is 'Grants each function to its audience alone.';

create function jobforge.readable_relations()
returns regclass[]
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  -- A tenant reads its own rows, a service all of them.
  select array[
    'public.jobforge_queues', 'public.jobforge_jobs', 'public.jobforge_job_attempts',
    'jobforge.jobs', 'jobforge.ready', 'jobforge.scheduled', 'jobforge.quarantined',
    'jobforge.unclaimed', 'jobforge.newcomers', 'jobforge.leases', 'jobforge.queues',
    'jobforge.cancel_requests', 'jobforge.job_progress', 'jobforge.unsuccessful_attempts',
    'public.jobforge_job_results', 'public.jobforge_audit_log', 'public.jobforge_schedules',
    'public.jobforge_connector_configs', 'public.jobforge_received_webhooks'
  ]::regclass[]
$$;
comment on function jobforge.readable_relations() is
  'The tables and views of which tenants may read their rows.';

create function jobforge.hidden_columns(p_relation regclass)
returns text[]
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  -- Secrets by name, the runs and tokens of workers, and what queues tell about each other.
  select hidden.columns
  from (values
    ('public.jobforge_connector_configs'::regclass, '{secret_refs}'::text[]),
    ('jobforge.jobs', '{run_id}'), ('jobforge.unsuccessful_attempts', '{run_id}'),
    ('jobforge.leases', '{run_id,token}'),
    ('jobforge.queues', '{vtime,claimed,runnable,blocked,capped,wake_at,tat,tat_at,tat_interval,'
      'cursor_priority,cursor_id,cursor_at}')
  ) as hidden (name, columns)
  where hidden.name = p_relation
$$;
comment on function jobforge.hidden_columns(regclass) is
  'The columns of a readable table that tenants do not read. Null when they read all.';

create function jobforge.wanted_grants(p_relation regclass)
returns setof text
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select 'SELECT to ' || api.role from unnest(array['authenticated', 'service_role']) as api (role)
  where p_relation = any (jobforge.readable_relations())
    and (jobforge.hidden_columns(p_relation) is null or api.role = 'service_role')
  union all
  select format('SELECT (%I) to authenticated', pg_attribute.attname) from pg_attribute
  where pg_attribute.attrelid = p_relation
    and pg_attribute.attnum > 0 and not pg_attribute.attisdropped
    and pg_attribute.attname <> all (jobforge.hidden_columns(p_relation))
$$;
comment on function jobforge.wanted_grants(regclass) is
  'Returns what API roles may do with a table, view or sequence.';

create function jobforge.grant_relations()
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_relation record;
begin
  for v_relation in
    select format('%s %s', case pg_class.relkind when 'S' then 'sequence' else 'table' end,
        pg_class.oid::regclass) as object,
      array(
        select jobforge.api_grants(pg_class.relacl)
        union all
        select jobforge.api_grants(pg_attribute.attacl, format(' (%I)', pg_attribute.attname))
        from pg_attribute where pg_attribute.attrelid = pg_class.oid) as present,
      array(select jobforge.wanted_grants(pg_class.oid)) as wanted
    from pg_class
    where pg_class.relkind in ('r', 'p', 'v', 'S')
      and (pg_class.relnamespace = 'jobforge'::regnamespace
        or pg_class.relnamespace = 'public'::regnamespace
          and starts_with(pg_class.relname, 'jobforge_'))
  loop
    perform jobforge.set_grants(v_relation.object, v_relation.present, v_relation.wanted);
  end loop;
end
$$;
comment on function jobforge.grant_relations() is
  'Lets tenants read the relations that are readable, and API roles do nothing else.';

create function jobforge.set_policies()
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_table record;
begin
  for v_table in
    select pg_class.oid::regclass as name, pg_class.relrowsecurity,
      pg_class.relname || '_select_authenticated' as policy,
      pg_class.oid = any (jobforge.readable_relations()) and not exists (
        select from pg_policy
        where pg_policy.polrelid = pg_class.oid
          and pg_policy.polname = pg_class.relname || '_select_authenticated'
          and pg_policy.polcmd = 'r' and pg_policy.polpermissive
          and pg_policy.polroles = array['authenticated'::regrole::oid]
          and replace(pg_get_expr(pg_policy.polqual, pg_policy.polrelid), ' ', '')
            = '(tenant_id=ANY((SELECTjobforge.tenant_ids()AStenant_ids)::uuid[]))') as lacking
    from pg_class
    where pg_class.relkind in ('r', 'p')
      and (pg_class.relnamespace = 'jobforge'::regnamespace
        or pg_class.relnamespace = 'public'::regnamespace
          and starts_with(pg_class.relname, 'jobforge_'))
  loop
    if not v_table.relrowsecurity then
      execute format('alter table %s enable row level security', v_table.name);
    end if;
    if v_table.lacking then
      execute format('drop policy if exists %I on %s', v_table.policy, v_table.name);
      execute format('create policy %I on %s for select to authenticated '
        'using (tenant_id = any ((select jobforge.tenant_ids())::uuid[]))',
        v_table.policy, v_table.name);
    end if;
  end loop;
end
$$;
comment on function jobforge.set_policies() is
  'Enables row level security on every table, and lets tenants read their own rows.';

create function jobforge.apply_rights()
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
set lock_timeout = '1s' -- a changed policy needs an exclusive lock: do not queue every tenant
as $$
begin
  perform jobforge.set_grants('schema jobforge',
    array(
      select jobforge.api_grants(pg_namespace.nspacl) from pg_namespace
      where pg_namespace.nspname = 'jobforge'),
    '{USAGE to authenticated,USAGE to service_role}');
  perform jobforge.grant_functions();
  perform jobforge.grant_relations();
  perform jobforge.set_policies();
end
$$;
comment on function jobforge.apply_rights() is
  'Sets every right of JobForge that differs. Run it as the owner to repair rights. It locks no '
  'table whose policy is right.';

select jobforge.apply_rights();
