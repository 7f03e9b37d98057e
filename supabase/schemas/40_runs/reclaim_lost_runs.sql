-- Reclaim lost runs: a run that stopped reporting ends, and its jobs are queued again.

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
    v_jobs := v_jobs + jobforge.end_leases(v_run_id, null, 'lease_expired');
    update jobforge.runs as r
    set state = 'lost', held = 0, lease_expires_at = null, ended_at = p_now,
      end_reason = 'lease_expired'
    where r.id = v_run_id;
  end loop;
  -- A live run that reports nothing about a job past its timeout keeps it no longer.
  for v_run_id in
    select r.id from jobforge.runs as r
    where r.state = 'live' and r.overdue_at < p_now
    order by r.id
    limit 100
    for no key update skip locked
  loop
    v_jobs := v_jobs + cardinality(jobforge.end_overdue(v_run_id, p_now));
  end loop;
  return v_jobs;
end
$$;
comment on function jobforge.reclaim_lost_runs(timestamptz) is
  'Ends runs that stopped reporting. Their jobs are queued again or dead. Returns how many jobs.';
