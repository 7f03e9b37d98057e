-- Settle and claim: one call of a run reports a batch of outcomes, claims the next jobs and extends
-- the lease.

create function jobforge.next_at()
returns timestamptz
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return (
    select least(
      (select j.run_at from public.jobforge_jobs as j where j.scheduled order by j.run_at limit 1),
      (select q.wake_at from public.jobforge_queues as q
        where q.wake_at is not null order by q.wake_at limit 1)));
end
$$;
comment on function jobforge.next_at() is
  'Returns when the next scheduled job is due or the next throttled queue may start a job.';

create function jobforge.claim_for(p_run jobforge.runs, p_limit int)
returns tid[]
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_alone boolean := false;
  v_ctids tid[] := '{}'::tid[];
begin
  if p_run.held > 0 and p_run.alone then
    return v_ctids;
  end if;
  -- Quarantined jobs and other jobs take turns, so that neither kind can keep the other waiting.
  if p_run.held > 0 or p_run.alone then
    v_ctids := jobforge.claim(p_run.id, p_limit);
  end if;
  if p_run.held = 0 and v_ctids = '{}' and (
    select j.id from public.jobforge_jobs as j
    where j.status = 'queued' and not j.scheduled and j.lease_expiries >= 2
    order by j.run_at limit 1) is not null
  then
    v_ctids := jobforge.claim_quarantined(p_run.id);
    v_alone := v_ctids <> '{}';
  end if;
  if p_run.held = 0 and v_ctids = '{}' and not p_run.alone then
    v_ctids := jobforge.claim(p_run.id, p_limit);
  end if;
  if v_alone <> p_run.alone then
    update jobforge.runs as r set alone = v_alone where r.id = p_run.id;
  end if;
  return v_ctids;
end
$$;
comment on function jobforge.claim_for(jobforge.runs, int) is
  'Claims jobs for a run. A quarantined job is claimed alone and held alone.';

create function jobforge.settle_and_claim(
  p_run_id bigint, p_outcomes jsonb, p_limit int, p_progress jsonb, p_columns boolean)
returns json
language plpgsql
security definer -- the worker's only way to change jobs
set search_path = pg_catalog, pg_temp
-- Arrays look shorter than they are, so the planner would plan anew for each call.
set plan_cache_mode = force_generic_plan
as $$
declare
  v_run jobforge.runs := jobforge.lock_live_run(p_run_id);
  v_now constant timestamptz := jobforge.clock();
  v_outcomes constant jobforge.outcome[] := jobforge.outcomes(p_outcomes);
  v_settled uuid[] := '{}'::uuid[];
  v_ctids tid[] := '{}'::tid[];
  v_jobs json := '[]'::json;
  v_stale uuid[] := '{}'::uuid[];
  v_abort uuid[] := '{}'::uuid[];
  v_next_at timestamptz;
begin
  if p_limit is null or p_limit not between 0 and 1000 then
    perform jobforge.fail('invalid_argument', 'p_limit must be from 0 to 1000');
  end if;
  if p_progress <> '[]' then
    perform jobforge.save_progress(p_run_id, p_progress);
  end if;
  if cardinality(v_outcomes) > 0 then
    v_settled := jobforge.settle(p_run_id, v_outcomes);
    v_run.held := v_run.held - cardinality(v_settled);
    if cardinality(v_settled) < cardinality(v_outcomes) then
      v_stale := array(
        select reported.id from unnest(v_outcomes) as reported
        where reported.id <> all (v_settled));
    end if;
  end if;
  if v_run.held > 0 then
    v_abort := jobforge.jobs_to_abort(p_run_id);
  end if;
  if p_limit > 0 then
    v_ctids := jobforge.claim_for(v_run, p_limit);
  end if;
  if v_ctids = '{}' then
    v_next_at := jobforge.next_at();
  elsif p_columns then
    v_jobs := jobforge.jobs_as_columns(v_ctids);
  else
    v_jobs := jobforge.jobs_as_rows(v_ctids);
  end if;
  update jobforge.runs as r
  set held = v_run.held + cardinality(v_ctids),
    claimed = r.claimed + cardinality(v_ctids),
    settled = r.settled + cardinality(v_settled),
    polled_at = case when p_limit > 0 then v_now else r.polled_at end,
    idle_at = case when v_run.held + cardinality(v_ctids) = 0 and p_limit > 0
      then coalesce(r.idle_at, v_now) end,
    lease_expires_at = v_now + make_interval(secs => settings.lease_seconds)
  from jobforge.settings
  where r.id = p_run_id;
  return json_build_object('settled', cardinality(v_settled), 'stale', v_stale, 'jobs', v_jobs,
    'abort', v_abort, 'next_at', v_next_at);
end
$$;
comment on function jobforge.settle_and_claim(bigint, jsonb, int, jsonb, boolean) is
  'Workers: reports outcomes, claims the next jobs and extends the leases in one round trip.';

create function public.jobforge_settle_and_claim(
  p_run_id bigint, p_outcomes jsonb default '[]', p_limit int default 0,
  p_progress jsonb default '[]', p_columns boolean default false)
returns json
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  return jobforge.settle_and_claim(p_run_id, p_outcomes, p_limit, p_progress, p_columns);
end
$$;
comment on function public.jobforge_settle_and_claim(bigint, jsonb, int, jsonb, boolean) is
  'Workers: reports outcomes and claims the next jobs in one round trip. The jobs are an array of '
  'objects, or, with p_columns, an object of arrays.';
