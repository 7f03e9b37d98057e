-- The doctor: checks that jobs can run in a project and that tenants stay apart.
--
-- These checks run inside the database, and each finding names its fix. `jobforge doctor` adds the
-- checks from outside: functions, keys and clocks.

create type jobforge.finding as (name text, ok boolean, found text, fix text);
comment on type jobforge.finding is
  'A check of the doctor: whether it holds, what was found, and the fix if it does not hold.';

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
      'enable them in the dashboard, Database, Extensions, then run setup')::jobforge.finding,
    row('rights', v_unexpected is null,
      coalesce(array_to_string(v_unexpected[1:5], '; '),
        'no API role writes a table, anon has no rights'),
      'run as postgres: select jobforge.apply_rights();')::jobforge.finding,
    jobforge.check_settings(p_project_url)];
  if v_missing is null then
    v_findings := v_findings || array(
      select finding from jobforge.check_cron_jobs() as finding);
  end if;
  v_findings := v_findings || jobforge.check_post()
    || array(select finding from jobforge.check_runs() as finding)
    || jobforge.check_versions()
    || jobforge.check_answer() || jobforge.check_maintenance() || jobforge.check_schedules()
    || jobforge.check_queues();
  return json_build_object('now', jobforge.clock(), 'findings', to_json(v_findings),
    'schema_version', jobforge.schema_version(),
    'worker_function', (select settings.worker_function from jobforge.settings));
end
$$;
comment on function jobforge.doctor(text) is
  'Operators: checks the project inside the database: extensions, rights, URL, cron jobs, '
  'calls, runs, versions, maintenance, schedules and queues.';

create function public.jobforge_doctor(p_project_url text default null)
returns json
language sql volatile
set search_path = pg_catalog, pg_temp
set statement_timeout = '5s'
as $$ select jobforge.doctor(p_project_url) $$;
comment on function public.jobforge_doctor(text) is
  'Operators: checks this project and returns findings, each with its fix, the version of the '
  'schema and the name of the worker.';
