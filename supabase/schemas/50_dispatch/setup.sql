-- Set up a project: store its URL, and schedule the dispatcher and the maintenance.

create function jobforge.setup(
  p_project_url text, p_max_runs int default null, p_worker text default null)
returns table (setting text, value text)
language plpgsql
security definer -- writes settings, schedules the dispatcher
set search_path = pg_catalog, pg_temp
set lock_timeout = '1s'
as $$
#variable_conflict use_column
declare
  v_url constant text := rtrim(p_project_url, '/');
  v_before constant jsonb := (select to_jsonb(settings) from jobforge.settings);
begin
  perform jobforge.require_service();
  if v_url is null or v_url !~ '^https://[a-z0-9.-]+(:[0-9]+)?$'
    and v_url !~ '^http://(127[.]0[.]0[.]1|[a-z][a-z0-9_-]*|host[.]docker[.]internal)(:[0-9]+)?$'
  then
    perform jobforge.fail('invalid_argument', 'p_project_url must be the project''s address, like '
      'https://abc.supabase.co (plain http for a local project only)');
  end if;
  if p_max_runs not between 1 and 100 then
    perform jobforge.fail('invalid_argument', 'p_max_runs must be from 1 to 100');
  end if;
  if p_worker !~ jobforge.slug_pattern() then
    perform jobforge.fail('invalid_argument', 'p_worker must be the name of an Edge Function: a '
      'letter, then up to 62 letters, digits, _ or -');
  end if;
  if to_regnamespace('cron') is null or to_regnamespace('net') is null then
    perform jobforge.fail('extension_missing',
      'enable the extensions pg_cron and pg_net, then run setup again');
  end if;
  update jobforge.settings
  set project_url = v_url, max_runs = coalesce(p_max_runs, settings.max_runs),
    worker_function = coalesce(p_worker, settings.worker_function)
  where settings.id;
  perform jobforge.add_tasks();
  perform jobforge.add_realtime_policies();
  perform jobforge.schedule_task('jobforge-dispatch', 'select jobforge.dispatch()');
  perform jobforge.schedule_task('jobforge-maintain', 'call jobforge.maintain()');
  perform jobforge.audit_change('setup', null, v_url, v_before,
    (select to_jsonb(settings) from jobforge.settings));
  return query
  select 'project_url', settings.project_url from jobforge.settings
  union all select 'max_runs', settings.max_runs::text from jobforge.settings
  union all select 'worker_function', settings.worker_function from jobforge.settings
  union all select job.jobname, job.schedule from cron.job where job.jobname like 'jobforge-%';
exception when lock_not_available then
  perform jobforge.fail('busy', 'another transaction is changing these settings: try again');
end
$$;
comment on function jobforge.setup(text, int, text) is
  'Operators: stores the project''s URL, how many runs may be live and the name of the worker, and '
  'schedules the dispatcher. What is null stays. Safe to repeat.';

create function public.jobforge_setup(
  p_project_url text, p_max_runs int default null, p_worker text default null)
returns table (setting text, value text)
language sql volatile
set search_path = pg_catalog, pg_temp
set statement_timeout = '2s'
as $$ select * from jobforge.setup(p_project_url, p_max_runs, p_worker) $$;
comment on function public.jobforge_setup(text, int, text) is
  'Operators: stores the project''s URL, how many runs may be live and the name of the worker, and '
  'schedules the dispatcher. What is null stays. Safe to repeat.';
