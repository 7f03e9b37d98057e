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
      'dispatcher and maintenance are scheduled'),
    'select * from jobforge_setup(''https://<ref>.supabase.co'');')::jobforge.finding;
  -- The history is never pruned for other jobs, so only its end is read, by its key.
  select recent.status, recent.return_message, recent.start_time into v_last_dispatch
  from (
    select job_run_details.* from cron.job_run_details
    order by job_run_details.runid desc limit 2000
  ) as recent
  join cron.job on job.jobid = recent.jobid
  where job.jobname = 'jobforge-dispatch' and recent.status in ('succeeded', 'failed')
  order by recent.start_time desc limit 1;
  return next row('dispatcher',
    coalesce(v_last_dispatch.status = 'succeeded'
      and v_last_dispatch.start_time > jobforge.clock() - interval '90 seconds', false),
    case when v_last_dispatch is null then 'it never ran'
      else format('it %s %s seconds ago', v_last_dispatch.status,
        floor(extract(epoch from jobforge.clock() - v_last_dispatch.start_time)))
        || case when v_last_dispatch.return_message like 'ERROR:%'
          then jobforge.short_error('', v_last_dispatch.return_message) else '' end end,
    'read cron.job_run_details, restart the project if pg_cron stopped')::jobforge.finding;
end
$$;
comment on function jobforge.check_cron_jobs() is
  'Checks that pg_cron has JobForge''s jobs and ran the dispatcher within 90 seconds.';

create function jobforge.check_settings(p_project_url text)
returns jobforge.finding
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select row('project_url',
    settings.project_url is not null
      and settings.project_url = coalesce(rtrim(p_project_url, '/'), settings.project_url),
    case when settings.project_url is null then jobforge.url_hint()
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
  select row('undelivered', counted.undelivered = 0,
    format('%s tickets of the last hour were never redeemed', counted.undelivered),
    'deploy the worker, check project_url, then: select net.worker_restart();')::jobforge.finding
  from jobforge.undelivered_since(jobforge.clock() - interval '1 hour') as counted (undelivered)
  union all
  select row('lost_runs', count(*) = 0,
    format('%s runs of the last hour stopped reporting', count(*)),
    'read the worker''s log: memory, CPU or wall clock ended it')::jobforge.finding
  from (
    select r.state, r.ended_at from jobforge.runs as r order by r.id desc limit 2000) as recent
  where recent.state = 'lost' and recent.ended_at > jobforge.clock() - interval '1 hour'
$$;
comment on function jobforge.check_runs() is
  'Checks that calls arrive and that no run was lost in the last hour.';

create function jobforge.check_versions()
returns jobforge.finding
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select row('versions', counted.refused = 0,
    case when counted.refused = 0
      then 'schema ' || jobforge.schema_version() || ' serves its workers'
      else format('%s runs of the last hour were refused: %s', counted.refused,
        jobforge.version_problem(counted.version)) end,
    coalesce(jobforge.version_problem(counted.version), 'none'))::jobforge.finding
  from (
    select count(*) as refused, max(recent.worker_version) as version
    from (select r.end_reason, r.ended_at, r.worker_version from jobforge.runs as r
      order by r.id desc limit 2000) as recent
    where recent.end_reason = 'version_mismatch'
      and recent.ended_at > jobforge.clock() - interval '1 hour'
      -- A migration since may have made it fit.
      and jobforge.version_problem(recent.worker_version) is not null
  ) as counted
$$;
comment on function jobforge.check_versions() is
  'Checks that no worker was refused for its version in the last hour.';

create function jobforge.check_post()
returns jobforge.finding
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_url constant text := (select settings.project_url from jobforge.settings);
  v_posted jobforge.posted;
begin
  if v_url is null then
    return row('post', false, jobforge.url_hint(),
      'select * from jobforge_setup(''https://<ref>.supabase.co'');')::jobforge.finding;
  end if;
  begin
    v_posted := jobforge.try_post(v_url || jobforge.worker_path(), '{}');
    raise exception using errcode = 'JF000'; -- a request that is rolled back is not sent
  exception when sqlstate 'JF000' then
    null;
  end;
  return row('post', v_posted.error is null,
    coalesce('net.http_post failed with ' || v_posted.error, 'pg_net accepts requests'),
    'grant usage on schema net and execute on net.http_post to postgres, remove triggers on its '
    'tables')::jobforge.finding;
end
$$;
comment on function jobforge.check_post() is
  'Tries a post through pg_net, without sending it, and returns what it got.';

create function jobforge.check_answer()
returns jobforge.finding
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_call constant jsonb := jobforge.last_call();
  v_fix constant text :=
    'HTTP 404: deploy the worker. HTTP 401: set verify_jwt = false. Many waiting: see the other '
    'requests in net.http_request_queue';
begin
  return row('worker_answer', v_call ->> 'error' is null, case
    when v_call is null then 'no call in the last week'
    else format('the last call, %s seconds ago, %s',
      floor(extract(epoch from jobforge.clock() - (v_call ->> 'called_at')::timestamptz)),
      case
        when v_call ->> 'error' is not null then 'failed: ' || (v_call ->> 'error')
        when (v_call ->> 'answered')::boolean then 'got HTTP ' || (v_call ->> 'status')
        else format('has no answer yet, %s requests wait before it',
          coalesce(v_call ->> 'waiting_before', 'an unknown number of')) end)
  end, v_fix)::jobforge.finding;
end
$$;
comment on function jobforge.check_answer() is
  'Checks what the worker answered to the last call.';

create function jobforge.check_maintenance()
returns jobforge.finding
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_now constant timestamptz := jobforge.clock();
  v_problems text;
begin
  select string_agg(format('%s %s', task.name, task.problem), ', ' order by task.name)
  into v_problems
  from jobforge.task_states(v_now) as task
  where task.problem is not null;
  return row('maintenance', v_problems is null,
    coalesce(left(v_problems, 1000), 'every task succeeded when it was due'),
    'select * from jobforge.maintenance_tasks; then fix last_error')::jobforge.finding;
end
$$;
comment on function jobforge.check_maintenance() is
  'Checks that no maintenance task fails and that each ran when it was due.';

create function jobforge.check_queues()
returns jobforge.finding
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_faults text[];
begin
  select array_agg(format('%s/%s raises %s', q.tenant_id, q.queue, queue_faults.message)
    order by queue_faults.at, q.id)
  into v_faults
  from jobforge.queue_faults join jobforge.queues as q on q.id = queue_faults.queue_id;
  return row('queues', v_faults is null,
    coalesce(left(array_to_string(v_faults[1:5], ', '), 1000), 'none raises an error'),
    'select jobforge_configure_queue(tenant, queue, settings) with other settings')
    ::jobforge.finding;
end
$$;
comment on function jobforge.check_queues() is
  'Checks that claims leave out no queue because it raises an error.';
