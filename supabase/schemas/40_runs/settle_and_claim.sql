-- Settle and claim: one call of a run reports a batch of outcomes, claims the next jobs and extends
-- the lease.

create function jobforge.next_at()
returns timestamptz
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return (
    select q.wake_at from jobforge.queues as q
    where q.wake_at is not null order by q.wake_at limit 1);
end
$$;
comment on function jobforge.next_at() is
  'Returns when the next scheduled job is due or the next throttled queue may start a job.';

create function jobforge.settle_and_claim(
  p_run_id bigint, p_outcomes jsonb, p_limit int, p_progress jsonb, p_max_bytes int)
returns json
language plpgsql
security definer -- the worker's only way to change jobs
set search_path = pg_catalog, pg_temp
-- Arrays look shorter than they are, so the planner would plan anew for each call.
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set jit = off
as $$
declare
  v_role text := current_setting('role');
  v_now constant timestamptz := jobforge.clock();
  v_run record;
  v_recorded jobforge.recorded := row(0, '{}'::uuid[]);
  v_read jobforge.claimed_jobs;
  v_abort uuid[] := '{}'::uuid[];
  v_next_at timestamptz;
  v_watched jobforge.job_key[];
begin
  if v_role <> 'service_role' then
    perform jobforge.require_service();
  end if;
  select r.state, r.held, r.alone, r.types, r.overdue_at, r.polled_at, settings.lease_seconds,
    coalesce(case when r.turn_floor_at > v_now - interval '2 seconds' then r.turn_floor end,
      '-infinity') as turn_floor,
    exists (select from jobforge.watches where watches.expires_at > v_now) as is_watched
  into v_run
  from jobforge.runs as r, jobforge.settings where r.id = p_run_id for no key update of r;
  if v_run.state is distinct from 'live' then
    perform jobforge.fail('run_ended', 'the run is not live: its leases are void');
  elsif p_limit is null or p_limit not between 0 and 1000 then
    perform jobforge.fail('invalid_argument', 'p_limit must be from 0 to 1000');
  elsif p_max_bytes is null or p_max_bytes not between 0 and 67108864 then
    perform jobforge.fail('invalid_argument', 'p_max_bytes must be from 0 to 67108864');
  end if;
  if v_run.is_watched then
    v_watched := jobforge.watched_jobs(p_run_id, v_now);
  end if;
  if p_progress <> '[]' then
    perform jobforge.save_progress(p_run_id, p_progress);
  end if;
  if p_outcomes is distinct from '[]' then
    v_recorded := jobforge.settle_reported(p_run_id, p_outcomes, v_now);
    v_run.held := v_run.held - v_recorded.settled;
  end if;
  if v_run.held > 0 then
    if v_run.overdue_at < v_now then
      v_abort := jobforge.end_overdue(p_run_id, v_now);
      v_run.held := v_run.held - cardinality(v_abort);
    end if;
    v_abort := v_abort || jobforge.jobs_to_abort(p_run_id);
  end if;
  if p_limit > 0 then
    begin
      v_read := jobforge.claim_and_read(p_run_id, v_run.held, v_run.alone, v_run.types,
        v_run.turn_floor, p_limit, p_max_bytes, v_now);
    exception when data_exception or integrity_constraint_violation then
      -- The queue at fault is left out, and the next claim goes on without it.
      if jobforge.set_faulty_aside(v_now) = 0 then
        raise;
      end if;
    end;
  end if;
  -- A first claim that filled the run shows that there is more work than it can take.
  if v_run.polled_at is null and p_limit > 0 and (v_read.count = p_limit or v_read.is_full) then
    perform jobforge.request_runs(jobforge.ready_jobs(v_now));
  end if;
  if coalesce(v_read.count, 0) = 0 then
    v_read.count := 0;
    v_next_at := jobforge.next_at();
  end if;
  update jobforge.runs as r
  set held = v_run.held + v_read.count,
    claimed = r.claimed + v_read.count,
    settled = r.settled + v_recorded.settled,
    polled_at = case when p_limit > 0 then v_now else r.polled_at end,
    idle_at = case when v_run.held + v_read.count = 0 and p_limit > 0
      then coalesce(r.idle_at, v_now) end,
    alone = case when p_limit > 0 then coalesce(v_read.alone, false) else r.alone end,
    turn_floor = coalesce(v_read.floor, r.turn_floor),
    turn_floor_at = case when r.turn_floor_at > v_now - interval '2 seconds' then r.turn_floor_at
      when v_read.floor is not null then v_now end,
    overdue_at = case when v_run.held > 0 or v_read.count > 0 then least(r.overdue_at,
      v_now + make_interval(secs => v_read.shortest_ms / 1000.0 + 60)) end,
    lease_expires_at = v_now + make_interval(secs => v_run.lease_seconds)
  where r.id = p_run_id;
  if v_run.is_watched then
    perform jobforge.hint_run(p_run_id, v_watched, v_now);
  end if;
  return json_build_object('settled', v_recorded.settled, 'stale', v_recorded.stale,
    'jobs', case when v_read.count > 0 then v_read.jobs else '{"id": [], "tenant_id": [],
      "queue": [], "type": [], "payload": [], "attempt": [], "max_attempts": [], "lease_token": [],
      "timeout_ms": [], "traceparent": [], "created_at": [], "run_at": []}'::json end,
    'abort', v_abort, 'next_at', v_next_at);
end
$$;
comment on function jobforge.settle_and_claim(bigint, jsonb, int, jsonb, int) is
  'Workers: reports outcomes, claims the next jobs and extends the leases in one round trip.';

create function public.jobforge_settle_and_claim(
  p_run_id bigint, p_outcomes jsonb default '[]', p_limit int default 0,
  p_progress jsonb default '[]', p_max_bytes int default 4194304)
returns json
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set statement_timeout = '5s'
as $$
begin
  return jobforge.settle_and_claim(p_run_id, p_outcomes, p_limit, p_progress, p_max_bytes);
end
$$;
comment on function public.jobforge_settle_and_claim(bigint, jsonb, int, jsonb, int) is
  'Workers: reports outcomes and claims the next jobs in one round trip. The jobs are an object of '
  'arrays. A claim stops before the job whose payload would pass p_max_bytes in all, and brings '
  'at least one.';
