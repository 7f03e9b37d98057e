-- Settle: record the outcomes of attempts.
--
-- An outcome counts only with the lease token of the current attempt. A worker that lost its lease
-- can neither finish, fail nor revive a job. The order of locks is run, jobs, tallies, parking
-- locks. Settling never waits for the row of a queue: it leaves a wake-up instead.

-- Statistics hardly ever see a running job, and the planner does not see the length of an array. A
-- nested loop over both would be quadratic in the batch. It is off, so the run's jobs are hashed.
-- The range of ids keeps the index scan off jobs that the run settled before, whose entries an old
-- snapshot can keep.
create function jobforge.settle_succeeded(p_run_id bigint, p_outcomes jobforge.outcome[])
returns jobforge.outcome_batch
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set enable_nestloop = off
as $$
declare
  v_now constant timestamptz := jobforge.clock();
  v_ids constant uuid[] := array(select sent.id from unnest(p_outcomes) as sent order by sent.id);
  v_batch jobforge.outcome_batch;
begin
  with ended as (
    update public.jobforge_jobs as j
    set status = 'succeeded', finished_at = v_now, lease_token = null
    from unnest(p_outcomes) as sent
    where sent.outcome = 'succeeded' and j.run_id = p_run_id and j.id = sent.id
      and j.id between v_ids[1] and v_ids[cardinality(v_ids)]
      and j.status = 'running' and j.lease_token = sent.lease_token
      and j.cancel_requested_at is null
    returning j.tenant_id, j.id, j.queue_id, j.type, j.run_at, j.started_at, sent.result
  ),
  stored as (
    insert into public.jobforge_job_results (tenant_id, job_id, result, created_at)
    select ended.tenant_id, ended.id, ended.result, v_now from ended where ended.result is not null
  )
  select array_agg(ended.id), array_agg(ended.queue_id), null::int[], null::int[],
    array_agg(ended.type), array_fill('s'::"char", array[count(*)::int]),
    array_agg(least(date_part('epoch', ended.started_at - ended.run_at) * 1000, 2147483647)::int),
    array_agg(least(date_part('epoch', v_now - ended.started_at) * 1000, 2147483647)::int)
  into v_batch
  from ended;
  return v_batch;
end
$$;
comment on function jobforge.settle_succeeded(bigint, jobforge.outcome[]) is
  'Ends the attempts that succeeded, except those of jobs whose cancellation was requested.';

create function jobforge.settle_others(p_run_id bigint, p_outcomes jobforge.outcome[])
returns jobforge.outcome_batch
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set enable_nestloop = off
as $$
declare
  v_now constant timestamptz := jobforge.clock();
  v_ids constant uuid[] := array(select sent.id from unnest(p_outcomes) as sent order by sent.id);
  v_batch jobforge.outcome_batch;
begin
  with held as materialized (
    select j.id, j.attempts, j.max_attempts, j.run_at as ready_at, sent.outcome,
      jobforge.error_summary(sent.error) as error,
      j.cancel_requested_at is not null as canceled,
      jobforge.wait_after(sent, jobforge.backoff(j.attempts - j.attempts_before_retry,
        coalesce(t.backoff_base_ms, 2000), coalesce(t.backoff_cap_ms, 3600000))) as wait
    from unnest(p_outcomes) as sent
    join public.jobforge_jobs as j on j.run_id = p_run_id and j.id = sent.id
      and j.id between v_ids[1] and v_ids[cardinality(v_ids)]
    left join jobforge.job_types as t on t.type = j.type
    where (sent.outcome <> 'succeeded' or j.cancel_requested_at is not null)
      and j.status = 'running' and j.lease_token = sent.lease_token
    for no key update of j
  ),
  decided as materialized (
    select held.*, case
      when held.canceled then 'canceled'
      when held.outcome = 'failed' then 'failed'
      when held.outcome <> 'released' and held.attempts >= held.max_attempts then 'dead'
      else 'queued'
    end as status
    from held
  ),
  ended as (
    update public.jobforge_jobs as j
    set status = decided.status, run_id = null, lease_token = null,
      attempts = j.attempts - (decided.outcome = 'released' and not decided.canceled)::int,
      lease_expiries = j.lease_expiries + (decided.outcome = 'lease_expired')::int,
      last_error = coalesce(decided.error, j.last_error),
      scheduled = decided.status = 'queued' and decided.wait > interval '0',
      run_at = case when decided.status = 'queued' and (decided.outcome <> 'released'
        or decided.wait > interval '0') then v_now + decided.wait else j.run_at end,
      finished_at = case when decided.status <> 'queued' then v_now end
    from decided
    where j.run_id = p_run_id and j.id = decided.id and j.status = 'running'
      and j.id between v_ids[1] and v_ids[cardinality(v_ids)]
    returning j.tenant_id, j.id, j.queue_id, j.type, decided.attempts, j.status, j.scheduled,
      decided.ready_at, j.started_at, decided.error,
      case when decided.canceled then 'canceled' else decided.outcome end as outcome
  ),
  recorded as (
    insert into jobforge.unsuccessful_attempts (
      tenant_id, job_id, attempt_no, run_id, started_at, finished_at, outcome, error)
    select ended.tenant_id, ended.id, ended.attempts, p_run_id, ended.started_at, v_now,
      ended.outcome, ended.error
    from ended where ended.outcome <> 'released'
  )
  select array_agg(ended.id), array_agg(ended.queue_id),
    array_agg(ended.queue_id) filter (where ended.status = 'queued'),
    array_agg(ended.queue_id) filter (where ended.status = 'queued' and not ended.scheduled),
    array_agg(ended.type), array_agg(case when ended.outcome = 'released' then 'b'
      when ended.status = 'queued' then 'r' else left(ended.status, 1) end::"char"),
    array_agg(least(date_part('epoch', ended.started_at - ended.ready_at) * 1000, 2147483647)::int),
    array_agg(least(date_part('epoch', v_now - ended.started_at) * 1000, 2147483647)::int)
  into v_batch
  from ended;
  return v_batch;
end
$$;
comment on function jobforge.settle_others(bigint, jobforge.outcome[]) is
  'Ends the other attempts: the job is queued again, failed, dead or canceled. A job whose '
  'cancellation was requested is canceled for every outcome and keeps no result.';

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
  'Records the outcomes of a run''s attempts. Returns the ids of the jobs whose outcome counted.';
