-- Heartbeat: extend the lease of a run, store progress and return the jobs to abort.

create function jobforge.save_progress(p_run_id bigint, p_progress jsonb)
returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  if p_progress = '[]' then
    return;
  end if;
  -- Read on its own: an update of no jobs need not read the list at all.
  perform from jsonb_to_recordset(p_progress) as reported (id uuid, progress jsonb);
  update public.jobforge_jobs as j set progress = reported.progress
  from jsonb_to_recordset(p_progress) as reported (id uuid, progress jsonb)
  where j.run_id = p_run_id and j.id = reported.id and j.status = 'running'
    and octet_length(reported.progress::text) <= 4096;
exception when data_exception then
  perform jobforge.fail('invalid_argument', format('p_progress: %s', sqlerrm));
end
$$;
comment on function jobforge.save_progress(bigint, jsonb) is
  'Stores the progress that handlers report, up to 4 KiB each.';

create function jobforge.jobs_to_abort(p_run_id bigint)
returns uuid[]
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return (
    select coalesce(array_agg(j.id), '{}') from public.jobforge_jobs as j
    where j.run_id = p_run_id and j.status = 'running' and j.cancel_requested_at is not null);
end
$$;
comment on function jobforge.jobs_to_abort(bigint) is
  'Running jobs of the run whose cancellation was requested.';

create function jobforge.heartbeat(p_run_id bigint, p_progress jsonb)
returns json
language plpgsql
security definer -- extends leases and stores progress
set search_path = pg_catalog, pg_temp
as $$
declare
  v_run constant jobforge.runs := jobforge.lock_live_run(p_run_id);
  v_now constant timestamptz := jobforge.clock();
  v_overdue uuid[];
  v_lease_expires_at timestamptz;
begin
  perform jobforge.save_progress(p_run_id, coalesce(p_progress, '[]'));
  -- A live run cannot keep a job forever: a minute after the job's timeout its lease expires.
  select array_agg(j.id) into v_overdue from public.jobforge_jobs as j
  where j.run_id = p_run_id and j.status = 'running'
    and j.started_at + make_interval(secs => j.timeout_ms / 1000.0 + 60) < v_now;
  if v_overdue is not null then
    perform jobforge.end_leases(p_run_id, v_overdue, 'lease_expired');
  end if;
  update jobforge.runs as r
  set lease_expires_at = v_now + make_interval(secs => settings.lease_seconds)
  from jobforge.settings
  where r.id = v_run.id
  returning r.lease_expires_at into v_lease_expires_at;
  return json_build_object(
    'abort', to_json(jobforge.jobs_to_abort(p_run_id) || v_overdue),
    'lease_expires_at', v_lease_expires_at);
end
$$;
comment on function jobforge.heartbeat(bigint, jsonb) is
  'Workers: extends the leases of a run and returns the jobs to abort.';

create function public.jobforge_heartbeat(p_run_id bigint, p_progress jsonb default '[]')
returns json
language sql volatile
set search_path = pg_catalog, pg_temp
as $$ select jobforge.heartbeat(p_run_id, p_progress) $$;
comment on function public.jobforge_heartbeat(bigint, jsonb) is
  'Workers: extends the leases of a run and returns the jobs to abort.';
