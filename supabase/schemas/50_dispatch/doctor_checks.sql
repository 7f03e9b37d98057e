-- The doctor's checks: extensions, cron jobs, the project's URL and runs.

create function jobforge.missing_extensions()
returns text[]
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select array_agg(needed.name order by needed.name)
  from (values ('pg_cron', 'cron', 'schedule'), ('pg_net', 'net', 'http_post'))
    as needed (name, schema, function)
  where not exists (
    select from pg_proc join pg_namespace on pg_namespace.oid = pg_proc.pronamespace
    where pg_namespace.nspname = needed.schema and pg_proc.proname = needed.function)
$$;
comment on function jobforge.missing_extensions() is
  'Returns which of pg_cron and pg_net is missing, or null. Looks for a function of each.';

create function jobforge.check_cron_jobs()
returns setof jobforge.finding
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_missing text[];
  v_last_dispatch record;
begin
  select array_agg(needed.name order by needed.name) into v_missing
  from (values ('jobforge-dispatch'), ('jobforge-maintain')) as needed (name)
  where not exists (select from cron.job where job.jobname = needed.name and job.active);
  return next row('cron_jobs', v_missing is null,
    coalesce('not scheduled: ' || array_to_string(v_missing, ', '),
      'dispatcher and pruning are scheduled'),
    'select * from jobforge_setup(''https://<ref>.supabase.co'');')::jobforge.finding;
  select job_run_details.status, job_run_details.return_message, job_run_details.start_time
  into v_last_dispatch
  from cron.job_run_details join cron.job on job.jobid = job_run_details.jobid
  where job.jobname = 'jobforge-dispatch' and job_run_details.status in ('succeeded', 'failed')
  order by job_run_details.start_time desc limit 1;
  return next row('dispatcher',
    coalesce(v_last_dispatch.status = 'succeeded'
      and v_last_dispatch.start_time > jobforge.clock() - interval '1 minute', false),
    case when v_last_dispatch is null then 'it never ran'
      else format('it %s %s seconds ago', v_last_dispatch.status,
        floor(extract(epoch from jobforge.clock() - v_last_dispatch.start_time))) end,
    'read cron.job_run_details, restart the project if pg_cron stopped')::jobforge.finding;
end
$$;
comment on function jobforge.check_cron_jobs() is
  'Checks that pg_cron has JobForge''s jobs and ran the dispatcher within a minute.';

create function jobforge.check_settings(p_project_url text)
returns jobforge.finding
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select row('project_url',
    settings.project_url is not null
      and settings.project_url = coalesce(rtrim(p_project_url, '/'), settings.project_url),
    case when settings.project_url is null then 'not set: no worker is called'
      else 'the database calls ' || settings.project_url end,
    format('select * from jobforge_setup(%L);',
      coalesce(rtrim(p_project_url, '/'), 'https://<ref>.supabase.co')))::jobforge.finding
  from jobforge.settings
$$;
comment on function jobforge.check_settings(text) is
  'Checks that the database stores its own project''s URL. A cloned database still has that of its '
  'origin.';

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
  select row('undelivered', ended.undelivered = 0,
    format('%s tickets of the last hour were never redeemed', ended.undelivered),
    'deploy the worker, check project_url, then: select net.worker_restart();')::jobforge.finding
  from ended
  union all
  select row('lost_runs', ended.lost = 0,
    format('%s runs of the last hour stopped reporting', ended.lost),
    'read the worker''s log: memory, CPU or wall clock ended it')::jobforge.finding
  from ended
$$;
comment on function jobforge.check_runs() is
  'Checks that in the last hour every ticket was redeemed and no run was lost.';
