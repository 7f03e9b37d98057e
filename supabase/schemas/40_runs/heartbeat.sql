-- Heartbeat: extend the lease of a run, store progress and return the jobs to abort.

create function jobforge.save_progress(p_run_id bigint, p_progress jsonb)
returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_ids uuid[];
  v_progress jsonb[];
begin
  if p_progress = '[]' then
    return;
  end if;
  if jsonb_typeof(p_progress) = 'array' then
    if jsonb_array_length(p_progress) > 10000 then
      perform jobforge.fail('invalid_argument', 'p_progress must have at most 10000 entries');
    end if;
    perform jobforge.bound_members('p_progress', p_progress);
  end if;
  begin
    select array_agg(reported.id), array_agg(reported.progress) into v_ids, v_progress
    from jsonb_to_recordset(p_progress) as reported (id uuid, progress jsonb);
  exception when data_exception then
    perform jobforge.fail('invalid_argument', format('p_progress: %s', sqlerrm));
  end;
  insert into jobforge.job_progress (tenant_id, job_id, progress)
  select distinct on (member.id) leases.tenant_id, member.id, reported.progress
  from jobforge.leases
  cross join lateral unnest(leases.ids) as member (id)
  join unnest(v_ids, v_progress) as reported (id, progress) on reported.id = member.id
  where leases.run_id = p_run_id and jobforge.jsonb_fits(reported.progress, 4096)
  order by member.id
  on conflict (tenant_id, job_id) do update set progress = excluded.progress;
  perform jobforge.hint_jobs(array(
    select row(leases.tenant_id, member.id)::jobforge.job_key
    from jobforge.leases cross join lateral unnest(leases.ids) as member (id)
    where leases.run_id = p_run_id and member.id = any (v_ids)));
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
  if not exists (select from jobforge.cancel_requests) then
    return '{}';
  end if;
  return array(
    select member.id
    from jobforge.leases
    cross join lateral unnest(leases.ids) as member (id)
    join jobforge.cancel_requests
      on cancel_requests.tenant_id = leases.tenant_id and cancel_requests.job_id = member.id
    where leases.run_id = p_run_id);
end
$$;
comment on function jobforge.jobs_to_abort(bigint) is
  'Running jobs of the run whose cancellation was requested.';

create function jobforge.end_overdue(p_run_id bigint, p_now timestamptz)
returns uuid[]
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_overdue uuid[];
  v_next_at timestamptz;
begin
  -- A live run cannot keep a job forever: a minute after the job's timeout its lease expires.
  select array_agg(held.id) filter (where held.overdue_at < p_now), min(held.overdue_at) filter (
    where held.overdue_at >= p_now)
  into v_overdue, v_next_at
  from (
    select member.id, leases.started_at + make_interval(
      secs => coalesce(j.timeout_ms, t.timeout_ms, 60000) / 1000.0 + 60) as overdue_at
    from jobforge.leases
    cross join lateral unnest(leases.ids) as member (id)
    join jobforge.jobs as j on j.tenant_id = leases.tenant_id and j.id = member.id
    left join jobforge.job_types as t on t.type = j.type
    where leases.run_id = p_run_id) as held;
  if v_overdue is not null then
    perform jobforge.end_leases(p_run_id, v_overdue, 'lease_expired');
  end if;
  update jobforge.runs as r set overdue_at = v_next_at where r.id = p_run_id;
  return coalesce(v_overdue, '{}');
end
$$;
comment on function jobforge.end_overdue(bigint, timestamptz) is
  'Ends the leases of jobs that are a minute past their timeout. Returns the jobs. The caller has '
  'locked the run.';

create function jobforge.heartbeat(p_run_id bigint, p_progress jsonb)
returns json
language plpgsql
security definer -- extends leases and stores progress
set search_path = pg_catalog, pg_temp
as $$
declare
  v_run constant jobforge.runs := jobforge.lock_live_run(p_run_id);
  v_now constant timestamptz := jobforge.clock();
  v_overdue uuid[] := '{}'::uuid[];
  v_lease_expires_at timestamptz;
begin
  perform jobforge.save_progress(p_run_id, coalesce(p_progress, '[]'));
  if v_run.overdue_at < v_now then
    v_overdue := jobforge.end_overdue(p_run_id, v_now);
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
set statement_timeout = '5s'
as $$ select jobforge.heartbeat(p_run_id, p_progress) $$;
comment on function public.jobforge_heartbeat(bigint, jsonb) is
  'Workers: extends the leases of a run and returns the jobs to abort.';
