-- The doctor: what must hold in a project so that jobs run and tenants stay apart.
--
-- These checks run inside the database, and each names the fix. `jobforge doctor` adds the checks
-- from outside: functions, keys and clocks.

create type jobforge.finding as (name text, ok boolean, found text, fix text);
comment on type jobforge.finding is
  'A check of the doctor: whether it holds, what was found, and what to do if not.';

create function jobforge.missing_extensions()
returns text[]
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select array_agg(e.name order by e.name)
  from (values ('pg_cron', 'cron', 'schedule'), ('pg_net', 'net', 'http_post'))
    as e (name, schema, function)
  where not exists (
    select from pg_proc as p join pg_namespace as n on n.oid = p.pronamespace
    where n.nspname = e.schema and p.proname = e.function)
$$;
comment on function jobforge.missing_extensions() is
  'Which of pg_cron and pg_net is not enabled, or null. Asked by what they bring.';

create function jobforge.unexpected_grants()
returns text[]
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  with relations as (
    select c.oid, c.relname, c.relkind, c.relrowsecurity
    from pg_class as c
    where c.relnamespace = 'public'::regnamespace and c.relname like 'jobforge\_%'
      and c.relkind in ('r', 'p', 'v')
  ),
  unexpected (what) as (
    select format('%s may %s %s', r.role, w.privilege, t.relname)
    from relations as t,
      unnest(array['anon', 'authenticated', 'service_role']) as r (role),
      unnest(array['insert', 'update', 'delete', 'truncate']) as w (privilege)
    where has_table_privilege(r.role, t.oid, w.privilege)
    union all
    select format('%s may %s jobforge.%s', r.role, w.privilege, c.relname)
    from pg_class as c,
      unnest(array['anon', 'authenticated', 'service_role']) as r (role),
      unnest(array['select', 'insert', 'update', 'delete', 'truncate']) as w (privilege)
    where c.relnamespace = 'jobforge'::regnamespace and c.relkind in ('r', 'p')
      and has_table_privilege(r.role, c.oid, w.privilege)
      -- What a view in public reads has a policy.
      and (w.privilege <> 'select' or not exists (select from pg_policy as p where p.polrelid = c.oid))
    union all
    select 'anon may use the schema jobforge'
    where has_schema_privilege('anon', 'jobforge', 'usage')
    union all
    select format('anon may select %s', t.relname) from relations as t
    where has_table_privilege('anon', t.oid, 'select')
    union all
    select format('%s has no row level security', t.relname) from relations as t
    where t.relkind <> 'v' and not t.relrowsecurity
    union all
    select format('%s %s execute %s', r.role,
      case when r.role = any (f.roles) then 'may not' else 'may' end,
      replace(f.function::regproc::text, 'public.', ''))
    from jobforge.function_rights() as f,
      unnest(array['anon', 'authenticated', 'service_role']) as r (role)
    where has_function_privilege(r.role, f.function, 'execute') <> (r.role = any (f.roles))
  )
  select array_agg(o.what order by o.what) from unexpected as o
$$;
comment on function jobforge.unexpected_grants() is
  'Rights that differ from what apply_rights sets: a table that an API role may write, a function '
  'open to the wrong role or closed to the right one, a table without row level security. Null: none.';

create function jobforge.check_cron_jobs()
returns setof jobforge.finding
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_missing text[];
  v_last_dispatch record;
begin
  select array_agg(w.name order by w.name) into v_missing
  from (values ('jobforge-dispatch'), ('jobforge-maintain')) as w (name)
  where not exists (select from cron.job as j where j.jobname = w.name and j.active);
  return next row('cron_jobs', v_missing is null,
    coalesce('not scheduled: ' || array_to_string(v_missing, ', '), 'tick and pruning are scheduled'),
    'select * from jobforge_setup(''https://<ref>.supabase.co'');')::jobforge.finding;
  select d.status, d.return_message, d.start_time into v_last_dispatch
  from cron.job_run_details as d join cron.job as j on j.jobid = d.jobid
  where j.jobname = 'jobforge-dispatch' and d.status in ('succeeded', 'failed')
  order by d.start_time desc limit 1;
  return next row('dispatcher',
    coalesce(v_last_dispatch.status = 'succeeded'
      and v_last_dispatch.start_time > jobforge.clock() - interval '1 minute', false),
    case when v_last_dispatch is null then 'it never ran'
      else format('it %s %s seconds ago', v_last_dispatch.status,
        floor(extract(epoch from jobforge.clock() - v_last_dispatch.start_time))) end,
    'look at cron.job_run_details; restart the project if pg_cron stopped')::jobforge.finding;
end
$$;
comment on function jobforge.check_cron_jobs() is
  'Whether pg_cron has our jobs and ran the tick within a minute. Needs pg_cron.';

create function jobforge.check_settings(p_project_url text)
returns jobforge.finding
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select row('project_url',
    s.project_url is not null and s.project_url = coalesce(rtrim(p_project_url, '/'), s.project_url),
    case when s.project_url is null then 'not set: no worker is called'
      else 'the database calls ' || s.project_url end,
    format('select * from jobforge_setup(%L);',
      coalesce(rtrim(p_project_url, '/'), 'https://<ref>.supabase.co')))::jobforge.finding
  from jobforge.settings as s
$$;
comment on function jobforge.check_settings(text) is
  'Whether the database knows its project''s URL: a cloned database calls the project it came from.';

create function jobforge.check_runs()
returns setof jobforge.finding
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  with ended as (
    select count(*) filter (where r.state = 'undelivered') as undelivered,
      count(*) filter (where r.state = 'lost') as lost
    from jobforge.runs as r
    where r.ended_at > jobforge.clock() - interval '1 hour'
  )
  select row('undelivered', e.undelivered = 0,
    format('%s tickets of the last hour were never redeemed', e.undelivered),
    'deploy the worker, check project_url; select net.worker_restart();')::jobforge.finding
  from ended as e
  union all
  select row('lost_runs', e.lost = 0,
    format('%s runs of the last hour stopped reporting', e.lost),
    'look at the worker''s log: memory, CPU or wall clock ended it')::jobforge.finding
  from ended as e
$$;
comment on function jobforge.check_runs() is
  'Tickets nobody redeemed and runs that were killed, in the last hour.';

create function jobforge.doctor(p_project_url text)
returns json
language plpgsql
security definer -- reads settings, runs and the cron schedule
set search_path = pg_catalog, pg_temp
as $$
declare
  v_missing constant text[] := jobforge.missing_extensions();
  v_unexpected constant text[] := jobforge.unexpected_grants();
  v_findings jobforge.finding[];
begin
  perform jobforge.require_service();
  v_findings := array[
    row('extensions', v_missing is null,
      coalesce('missing: ' || array_to_string(v_missing, ', '), 'pg_cron and pg_net are enabled'),
      'enable them in the dashboard, Database, Extensions; then run setup')::jobforge.finding,
    row('rights', v_unexpected is null,
      coalesce(array_to_string(v_unexpected[1:5], '; '),
        'no API role writes a table, anon does nothing'),
      'run as postgres: select jobforge.apply_rights();')::jobforge.finding,
    jobforge.check_settings(p_project_url)];
  if v_missing is null then
    v_findings := v_findings || array(select c from jobforge.check_cron_jobs() as c);
  end if;
  v_findings := v_findings || array(select c from jobforge.check_runs() as c);
  return json_build_object('now', jobforge.clock(), 'findings', to_json(v_findings));
end
$$;
comment on function jobforge.doctor(text) is
  'Operators: checks the project from the inside: extensions, rights, URL, schedule, runs.';

create function public.jobforge_doctor(p_project_url text default null)
returns json
language sql volatile
set search_path = pg_catalog, pg_temp
as $$ select jobforge.doctor(p_project_url) $$;
comment on function public.jobforge_doctor(text) is
  'Operators: what is wrong with this project, and how to mend it.';
