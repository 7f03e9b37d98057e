-- Settle: record the outcomes of attempts.
--
-- An outcome counts only with the lease token of the current attempt. A worker that lost its lease
-- can neither finish, fail nor revive a job. Order of locks: run, jobs, tallies, gates. A queue's
-- row is never waited for, wake-ups are left instead.

-- Statistics hardly ever see a running job, and an array's length is unknown to the planner: a nested
-- loop over both would be quadratic in the batch. Without it the run's jobs are hashed. The range of
-- ids keeps the index scan off what the run settled before, while an old snapshot keeps that.
create function jobforge.settle_succeeded(p_run_id bigint, p_outcomes jobforge.outcome[])
returns jobforge.outcome_batch
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set enable_nestloop = off
as $$
declare
  v_now constant timestamptz := jobforge.clock();
  v_ids constant uuid[] := array(select o.id from unnest(p_outcomes) as o order by o.id);
  v_batch jobforge.outcome_batch;
begin
  with ended as (
    update public.jobforge_jobs as j
    set status = 'succeeded', finished_at = v_now, lease_token = null
    from unnest(p_outcomes) as r
    where r.outcome = 'succeeded' and j.run_id = p_run_id and j.id = r.id
      and j.id between v_ids[1] and v_ids[cardinality(v_ids)]
      and j.status = 'running' and j.lease_token = r.lease_token and j.cancel_requested_at is null
    returning j.tenant_id, j.id, j.queue_id, j.type, j.run_at, j.started_at, r.result
  ),
  results as (
    insert into public.jobforge_job_results (tenant_id, job_id, result, created_at)
    select e.tenant_id, e.id, e.result, v_now from ended as e where e.result is not null
  )
  select array_agg(e.id), array_agg(e.queue_id), null::int[], null::int[], array_agg(e.type),
    array_fill('s'::"char", array[count(*)::int]),
    array_agg(least(date_part('epoch', e.started_at - e.run_at) * 1000, 2147483647)::int),
    array_agg(least(date_part('epoch', v_now - e.started_at) * 1000, 2147483647)::int)
  into v_batch
  from ended as e;
  return v_batch;
end
$$;
comment on function jobforge.settle_succeeded(bigint, jobforge.outcome[]) is
  'Ends the attempts that succeeded and that nobody asked to cancel.';

create function jobforge.settle_others(p_run_id bigint, p_outcomes jobforge.outcome[])
returns jobforge.outcome_batch
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set enable_nestloop = off
as $$
declare
  v_now constant timestamptz := jobforge.clock();
  v_ids constant uuid[] := array(select o.id from unnest(p_outcomes) as o order by o.id);
  v_batch jobforge.outcome_batch;
begin
  with held as materialized (
    select j.id, j.attempts, j.max_attempts, j.run_at as ready_at, o.outcome,
      jobforge.error_summary(o.error) as error,
      j.cancel_requested_at is not null as canceled,
      jobforge.wait_after(o, jobforge.backoff(j.attempts - j.attempts_before_retry,
        coalesce(t.backoff_base_ms, 2000), coalesce(t.backoff_cap_ms, 3600000))) as wait
    from unnest(p_outcomes) as o
    join public.jobforge_jobs as j on j.run_id = p_run_id and j.id = o.id
      and j.id between v_ids[1] and v_ids[cardinality(v_ids)]
    left join jobforge.job_types as t on t.type = j.type
    where (o.outcome <> 'succeeded' or j.cancel_requested_at is not null)
      and j.status = 'running' and j.lease_token = o.lease_token
    for no key update of j
  ),
  decided as materialized (
    select h.*, case
      when h.canceled then 'canceled'
      when h.outcome = 'failed' then 'failed'
      when h.outcome <> 'released' and h.attempts >= h.max_attempts then 'dead'
      else 'queued'
    end as status
    from held as h
  ),
  ended as (
    update public.jobforge_jobs as j
    set status = d.status, run_id = null, lease_token = null,
      attempts = j.attempts - (d.outcome = 'released' and not d.canceled)::int,
      lease_expiries = j.lease_expiries + (d.outcome = 'lease_expired')::int,
      last_error = coalesce(d.error, j.last_error),
      scheduled = d.status = 'queued' and d.wait > interval '0',
      run_at = case when d.status = 'queued' and (d.outcome <> 'released' or d.wait > interval '0')
        then v_now + d.wait else j.run_at end,
      finished_at = case when d.status <> 'queued' then v_now end
    from decided as d
    where j.run_id = p_run_id and j.id = d.id and j.status = 'running'
      and j.id between v_ids[1] and v_ids[cardinality(v_ids)]
    returning j.tenant_id, j.id, j.queue_id, j.type, d.attempts, j.status, j.scheduled,
      d.ready_at, j.started_at, d.error,
      case when d.canceled then 'canceled' else d.outcome end as outcome
  ),
  attempts as (
    insert into jobforge.unsuccessful_attempts (
      tenant_id, job_id, attempt_no, run_id, started_at, finished_at, outcome, error)
    select e.tenant_id, e.id, e.attempts, p_run_id, e.started_at, v_now, e.outcome, e.error
    from ended as e where e.outcome <> 'released'
  )
  select array_agg(e.id), array_agg(e.queue_id),
    array_agg(e.queue_id) filter (where e.status = 'queued'),
    array_agg(e.queue_id) filter (where e.status = 'queued' and not e.scheduled),
    array_agg(e.type),
    array_agg(case when e.outcome = 'released' then 'b' when e.status = 'queued' then 'r'
      else left(e.status, 1) end::"char"),
    array_agg(least(date_part('epoch', e.started_at - e.ready_at) * 1000, 2147483647)::int),
    array_agg(least(date_part('epoch', v_now - e.started_at) * 1000, 2147483647)::int)
  into v_batch
  from ended as e;
  return v_batch;
end
$$;
comment on function jobforge.settle_others(bigint, jobforge.outcome[]) is
  'Ends the other attempts: retry after a wait, give up, cancel or hand back. A job asked to cancel '
  'becomes canceled whatever its handler says, and keeps no result.';

create function jobforge.settle(p_run_id bigint, p_outcomes jobforge.outcome[])
returns uuid[]
language plpgsql
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set jit = off
as $$
declare
  v_ended jobforge.outcome_batch := jobforge.settle_succeeded(p_run_id, p_outcomes);
  v_others jobforge.outcome_batch;
begin
  if coalesce(cardinality(v_ended.ids), 0) < cardinality(p_outcomes) then
    v_others := jobforge.settle_others(p_run_id, p_outcomes);
    v_ended := row(v_ended.ids || v_others.ids, v_ended.queue_ids || v_others.queue_ids,
      v_others.requeued_ids, v_others.ready_ids, v_ended.types || v_others.types,
      v_ended.ends || v_others.ends, v_ended.latency_ms || v_others.latency_ms,
      v_ended.duration_ms || v_others.duration_ms)::jobforge.outcome_batch;
  end if;
  if v_ended.ids is null then
    return '{}'::uuid[];
  end if;
  if jobforge.tally('r', v_ended.queue_ids) > 0 and v_ended.requeued_ids is not null then
    perform jobforge.tally('b', v_ended.requeued_ids);
  end if;
  insert into jobforge.outcome_batches (at, queue_ids, types, ends, latency_ms, duration_ms)
  values (jobforge.clock(), v_ended.queue_ids, v_ended.types, v_ended.ends, v_ended.latency_ms,
    v_ended.duration_ms);
  perform jobforge.wake_ready_queues(v_ended.queue_ids, v_ended.ready_ids);
  return v_ended.ids;
end
$$;
comment on function jobforge.settle(bigint, jobforge.outcome[]) is
  'Records the outcomes of a run''s attempts. Returns the ids of those that counted.';
