-- Reclaim lost runs: a run that stopped reporting ends, and its jobs are queued again.

create function jobforge.reclaim_run(p_run_id bigint)
returns int
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_lease record;
  v_jobs int := 0;
begin
  begin
    return jobforge.end_leases(p_run_id, null, 'lease_expired');
  exception when others then
    raise warning 'jobforge: a run is reclaimed lease by lease: %',
      jobforge.short_error(sqlstate, sqlerrm);
  end;
  -- A trigger of the application, for example, raises for a job of one tenant. The jobs of the
  -- others are queued again.
  for v_lease in
    select leases.ids from jobforge.leases where leases.run_id = p_run_id order by leases.token
  loop
    begin
      v_jobs := v_jobs + jobforge.end_leases(p_run_id, v_lease.ids, 'lease_expired');
    exception when others then
      null; -- the lease stays, and with it the run
    end;
  end loop;
  return v_jobs;
end
$$;
comment on function jobforge.reclaim_run(bigint) is
  'Ends the leases of a lost run, those that can be ended. The caller has locked the run. Returns '
  'how many jobs.';

create function jobforge.reclaim_lost_runs(p_now timestamptz)
returns int
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_run_id bigint;
  v_jobs int := 0;
begin
  update jobforge.runs as r set state = 'undelivered', ticket_hash = null, ended_at = p_now
  where r.state = 'pending' and r.created_at < p_now - interval '60 seconds';
  for v_run_id in
    select r.id from jobforge.runs as r
    where r.state = 'live' and r.lease_expires_at < p_now
    order by r.id
    limit 100
    for no key update skip locked
  loop
    v_jobs := v_jobs + jobforge.reclaim_run(v_run_id);
    update jobforge.runs as r
    set state = 'lost', held = 0, lease_expires_at = null, ended_at = p_now,
      end_reason = 'lease_expired'
    where r.id = v_run_id
      and not exists (select from jobforge.leases where leases.run_id = v_run_id);
  end loop;
  -- A live run that reports nothing about a job past its timeout keeps it no longer.
  for v_run_id in
    select r.id from jobforge.runs as r
    where r.state = 'live' and r.overdue_at < p_now
    order by r.id
    limit 100
    for no key update skip locked
  loop
    begin
      v_jobs := v_jobs + cardinality(jobforge.end_overdue(v_run_id, p_now));
    exception when others then
      raise warning 'jobforge: a run keeps a job past its timeout: %',
        jobforge.short_error(sqlstate, sqlerrm);
    end;
  end loop;
  return v_jobs;
end
$$;
comment on function jobforge.reclaim_lost_runs(timestamptz) is
  'Ends runs that stopped reporting. Their jobs are queued again or dead. Returns how many jobs.';
