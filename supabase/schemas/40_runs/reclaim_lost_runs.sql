-- Reclaim lost runs: a run that stopped reporting ends, and its jobs are queued again.
--
-- Each run is a step of its own. An error undoes no other step, and the next dispatch goes on where
-- the time was used up. Only the lost run itself waits for what a step holds.

create function jobforge.end_lost_leases(p_run_id bigint, p_until timestamptz)
returns text
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_lease record;
  v_error text;
begin
  begin
    perform jobforge.end_leases(p_run_id, null, 'lease_expired');
    return null;
  exception when others then
    v_error := jobforge.short_error(sqlstate, sqlerrm);
  end;
  -- A trigger of the application, for example, raises for a job of one tenant. The jobs of the
  -- others are queued again: in any order, so that each comes up before the time is used up.
  for v_lease in
    select leases.ids from jobforge.leases where leases.run_id = p_run_id order by random()
  loop
    begin
      perform jobforge.end_leases(p_run_id, v_lease.ids, 'lease_expired');
    exception when others then
      null; -- the lease stays, and with it the run
    end;
    exit when clock_timestamp() >= p_until;
  end loop;
  return v_error;
end
$$;
comment on function jobforge.end_lost_leases(bigint, timestamptz) is
  'Ends the leases of a lost run, those that can be ended, until the time is used up. The caller '
  'has locked the run. Returns the first error.';

create function jobforge.reclaim_run(
  p_run_id bigint, p_now timestamptz, p_until timestamptz)
returns text
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_error text;
begin
  perform from jobforge.runs as r
  where r.id = p_run_id and r.state = 'live' and r.lease_expires_at < p_now
  for no key update skip locked;
  if found then
    v_error := jobforge.end_lost_leases(p_run_id, p_until);
    update jobforge.runs as r
    set state = 'lost', held = 0, lease_expires_at = null, ended_at = p_now,
      end_reason = 'lease_expired'
    where r.id = p_run_id
      and not exists (select from jobforge.leases where leases.run_id = p_run_id);
    return v_error;
  end if;
  -- A live run that reports nothing about a job past its timeout keeps it no longer.
  perform from jobforge.runs as r
  where r.id = p_run_id and r.state = 'live' and r.overdue_at < p_now
  for no key update skip locked;
  if found then
    perform jobforge.end_overdue(p_run_id, p_now);
  end if;
  return null;
end
$$;
comment on function jobforge.reclaim_run(bigint, timestamptz, timestamptz) is
  'Ends a run that stopped reporting, or the leases of its jobs that are a minute past their '
  'timeout. Does nothing while another transaction holds the run. Returns the first error of a '
  'lease, which stops no other.';

create function jobforge.put_behind(p_run_id bigint, p_now timestamptz)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  update jobforge.runs as r
  set lease_expires_at = greatest(r.lease_expires_at, p_now - interval '1 microsecond'),
    overdue_at = case when r.overdue_at is not null
      then greatest(r.overdue_at, p_now - interval '1 microsecond') end
  where r.id = (
    select r_failed.id from jobforge.runs as r_failed
    where r_failed.id = p_run_id and r_failed.state = 'live'
    for no key update skip locked);
end
$$;
comment on function jobforge.put_behind(bigint, timestamptz) is
  'Puts a run that could not be reclaimed behind the others that are lost.';

create function jobforge.follow_clock(p_now timestamptz)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_run record;
begin
  -- Once the clock was set back, what a run recorded lies in the future. A live one records it anew
  -- within seconds. A lost one would hold its jobs, and count as help, until that time has come.
  update jobforge.runs as r
  set lease_expires_at = p_now + make_interval(secs => settings.lease_seconds),
    polled_at = least(r.polled_at, p_now)
  from jobforge.settings
  where r.ctid = any (array(
    select r_early.ctid from jobforge.runs as r_early, jobforge.settings
    where r_early.state = 'live'
      and r_early.lease_expires_at > p_now + make_interval(secs => settings.lease_seconds + 5)
    for no key update of r_early skip locked));
  -- Its jobs would be overdue only by the old clock.
  for v_run in
    select r.id, latest.token, latest.started_at - p_now as ahead
    from jobforge.runs as r cross join lateral (
      select leases.token, leases.started_at from jobforge.leases where leases.run_id = r.id
      order by leases.started_at desc limit 1) as latest
    where r.state = 'live' and latest.started_at > p_now + interval '10 seconds'
    for no key update of r skip locked
  loop
    -- Those with a greater token started by the new clock.
    update jobforge.leases set started_at = started_at - v_run.ahead
    where run_id = v_run.id and token <= v_run.token;
    -- Computed anew when it has come.
    update jobforge.runs set overdue_at = least(overdue_at, p_now) where id = v_run.id;
  end loop;
end
$$;
comment on function jobforge.follow_clock(timestamptz) is
  'Ends leases in lease_seconds that would end later, because the clock was set back, and moves '
  'the starts of their jobs into the past.';

create function jobforge.reclaim_lost_runs(p_now timestamptz, p_until timestamptz)
returns text
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_run_id bigint;
  v_error text;
  v_errors text[] := '{}'::text[];
begin
  perform jobforge.follow_clock(p_now);
  -- A ticket of the future is older than the clock, which was set back.
  update jobforge.runs as r set state = 'undelivered', ticket_hash = null, ended_at = p_now
  where r.ctid = any (array(
    select r_late.ctid from jobforge.runs as r_late
    where r_late.state = 'pending' and r_late.created_at not between
      p_now - interval '60 seconds' and p_now + interval '5 seconds'
    for no key update skip locked));
  for v_run_id in
    select r.id from jobforge.runs as r
    where r.state = 'live' and (r.lease_expires_at < p_now or r.overdue_at < p_now)
    order by least(r.lease_expires_at, r.overdue_at), r.id
    limit 100
  loop
    begin
      v_error := jobforge.reclaim_run(v_run_id, p_now, p_until);
    exception when others then
      v_error := jobforge.short_error(sqlstate, sqlerrm);
    end;
    if v_error is not null then
      v_errors := v_errors || v_error;
      perform jobforge.put_behind(v_run_id, p_now);
    end if;
    exit when clock_timestamp() >= p_until;
  end loop;
  return v_errors[1];
end
$$;
comment on function jobforge.reclaim_lost_runs(timestamptz, timestamptz) is
  'Ends runs that stopped reporting, one at least. Their jobs are queued again or dead. Returns '
  'the first error of a run, which stops no other.';
