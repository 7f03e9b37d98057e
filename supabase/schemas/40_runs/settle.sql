-- Settle: record the outcomes of attempts.

create type jobforge.ended_attempts as (
  ids uuid[],
  queue_ids int[],
  requeued_ids int[],
  ready_ids int[],
  later_ids int[]
);
comment on type jobforge.ended_attempts is
  'Jobs whose outcome counted, with the queue of each. requeued_ids: the queues of jobs that wait '
  'again. ready_ids and later_ids: those of them that are ready, and those that are scheduled.';

create function jobforge.decided_outcomes(
  p_run_id bigint, p_outcomes jobforge.outcome[], p_now timestamptz)
returns table (tenant_id uuid, id uuid, queue_id int, started_at timestamptz, ready_at timestamptz,
  attempt int, outcome text, error jsonb, wait interval, status text,
  cancel_requested_at timestamptz)
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
begin
  return query
  with held as materialized (
    select leases.tenant_id, leases.queue_id, leases.started_at, member.id, leases.token
    from jobforge.leases cross join lateral unnest(leases.ids) as member (id)
    where leases.run_id = p_run_id
      and leases.token = any (array(select sent.lease_token from unnest(p_outcomes) as sent))
  ),
  matched as (
    select held.tenant_id, held.id, held.queue_id, held.started_at, j.run_at as ready_at,
      j.attempts, j.attempts_before_retry, t.backoff_base_ms, t.backoff_cap_ms,
      coalesce(j.max_attempts, t.max_attempts, 5) + j.attempts_before_retry as max_attempts,
      sent, cancel_requests.requested_at, cancel_requests.requested_at is not null as canceled
    from held
    join unnest(p_outcomes) as sent on sent.id = held.id and sent.lease_token = held.token
    join jobforge.jobs as j on j.tenant_id = held.tenant_id and j.id = held.id and j.status is null
    left join jobforge.job_types as t on t.type = j.type
    left join jobforge.cancel_requests
      on cancel_requests.tenant_id = held.tenant_id and cancel_requests.job_id = held.id
  )
  select matched.tenant_id, matched.id, matched.queue_id, matched.started_at, matched.ready_at,
    matched.attempts + 1,
    case when matched.canceled then 'canceled' else (matched.sent).outcome end,
    jobforge.error_summary((matched.sent).error),
    jobforge.wait_after(matched.sent, jobforge.backoff(
      matched.attempts + 1 - matched.attempts_before_retry,
      coalesce(matched.backoff_base_ms, 2000), coalesce(matched.backoff_cap_ms, 3600000))),
    case when matched.canceled then 'canceled'
      when (matched.sent).outcome = 'failed' then 'failed'
      when (matched.sent).outcome <> 'released' and matched.attempts + 1 >= matched.max_attempts
        then 'dead' end,
    matched.requested_at
  from matched
  where (matched.sent).outcome <> 'succeeded' or matched.canceled;
end
$$;
comment on function jobforge.decided_outcomes(bigint, jobforge.outcome[], timestamptz) is
  'What becomes of the jobs of outcomes that are no success. A null status means queued again. A '
  'job whose cancellation was requested is canceled for every outcome and keeps no result.';

create function jobforge.milliseconds(p_from timestamptz, p_until timestamptz)
returns int
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
begin
  -- None when the clock was set back meanwhile.
  return least(greatest(date_part('epoch', p_until - p_from) * 1000, 0), 2147483647)::int;
end
$$;
comment on function jobforge.milliseconds(timestamptz, timestamptz) is
  'Returns the milliseconds from one time to a later one, as far as an integer goes.';

create function jobforge.settle_others(
  p_run_id bigint, p_outcomes jobforge.outcome[], p_now timestamptz)
returns jobforge.ended_attempts
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_ended jobforge.ended_attempts;
begin
  with decided as materialized (
    select * from jobforge.decided_outcomes(p_run_id, p_outcomes, p_now)
  ),
  ended as (
    update jobforge.jobs as j
    set status = decided.status, attempts = j.attempts + (decided.outcome <> 'released')::int,
      lease_expiries = j.lease_expiries + (decided.outcome = 'lease_expired')::int,
      last_error = coalesce(decided.error, j.last_error),
      started_at = decided.started_at,
      run_at = case when decided.status is null and (decided.outcome <> 'released'
        or decided.wait > interval '0') then p_now + decided.wait else j.run_at end,
      cancel_requested_at = decided.cancel_requested_at,
      finished_at = case when decided.status is not null then p_now end
    from decided
    where j.tenant_id = decided.tenant_id and j.id = decided.id and j.status is null
    returning decided.*, j.type, j.priority, j.run_at, j.lease_expiries >= 2 as quarantined, j.ctid,
      case when decided.status is null then octet_length(j.payload::text) end as bytes,
      case when decided.outcome = 'released' then 'b' when decided.status is null then 'r'
        else left(decided.status, 1) end::"char" as ends
  ),
  recorded as (
    insert into jobforge.unsuccessful_attempts (
      tenant_id, job_id, attempt_no, run_id, started_at, finished_at, outcome, error)
    select ended.tenant_id, ended.id, ended.attempt, p_run_id, ended.started_at, p_now,
      ended.outcome, ended.error
    from ended where ended.outcome <> 'released'
  ),
  listed as (
    insert into jobforge.unsuccessful_jobs (tenant_id, id)
    select ended.tenant_id, ended.id from ended where ended.status is not null
  ),
  granted as (
    delete from jobforge.cancel_requests using ended
    where cancel_requests.tenant_id = ended.tenant_id and cancel_requests.job_id = ended.id
  ),
  scheduled as (
    insert into jobforge.scheduled
      (queue_id, bytes, run_at, id, tenant_id, priority, quarantined, place)
    select ended.queue_id, ended.bytes, ended.run_at, ended.id, ended.tenant_id, ended.priority,
      ended.quarantined, ended.ctid
    from ended where ended.status is null and ended.run_at > p_now
  ),
  quarantined as (
    insert into jobforge.quarantined (queue_id, priority, id, tenant_id, place)
    select ended.queue_id, ended.priority, ended.id, ended.tenant_id, ended.ctid
    from ended where ended.status is null and ended.run_at <= p_now and ended.quarantined
  ),
  readied as (
    insert into jobforge.ready (queue_id, bytes, priority, id, tenant_id, place)
    select ended.queue_id, ended.bytes, ended.priority, ended.id, ended.tenant_id, ended.ctid
    from ended where ended.status is null and ended.run_at <= p_now and not ended.quarantined
  ),
  metrics as (
    insert into jobforge.outcome_batches (at, queue_ids, types, ends, latency_ms, duration_ms)
    select p_now, array_agg(ended.queue_id), array_agg(ended.type), array_agg(ended.ends),
      array_agg(jobforge.milliseconds(ended.ready_at, ended.started_at)),
      array_agg(jobforge.milliseconds(ended.started_at, p_now))
    from ended having count(*) > 0
  )
  select array_agg(ended.id), array_agg(ended.queue_id),
    array_agg(ended.queue_id) filter (where ended.status is null),
    array_agg(ended.queue_id) filter (where ended.status is null and ended.run_at <= p_now),
    array_agg(ended.queue_id) filter (where ended.status is null and ended.run_at > p_now)
  into v_ended
  from ended;
  return v_ended;
end
$$;
comment on function jobforge.settle_others(bigint, jobforge.outcome[], timestamptz) is
  'Ends the attempts that are no success: the job is queued again, failed, dead or canceled.';

create function jobforge.enter_again(p_queue_ids int[])
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_queue_ids int[];
  v_counts int[];
begin
  select array_agg(counted.queue_id), array_agg(counted.count) into v_queue_ids, v_counts
  from (
    select again.queue_id, count(*)::int as count from unnest(p_queue_ids) as again (queue_id)
    group by again.queue_id) as counted;
  insert into jobforge.queue_deltas (queue_id, returned)
  select again.queue_id, again.count from unnest(v_queue_ids, v_counts) as again (queue_id, count);
  perform jobforge.give_slots(v_queue_ids, array(select -n from unnest(v_counts) as n));
end
$$;
comment on function jobforge.enter_again(int[]) is
  'Counts jobs into their queues again, beyond max_queued where it must be. One entry for each '
  'job.';

create function jobforge.settle(p_run_id bigint, p_outcomes jobforge.outcome[], p_now timestamptz)
returns uuid[]
language plpgsql
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set jit = off
as $$
declare
  v_settled uuid[] := '{}'::uuid[];
  v_ids uuid[];
  v_tokens bigint[];
  v_results jsonb[];
  v_others jobforge.ended_attempts;
begin
  select array_agg(sent.id), array_agg(sent.lease_token), array_agg(sent.result)
  into v_ids, v_tokens, v_results
  from unnest(p_outcomes) as sent where sent.outcome = 'succeeded';
  if v_ids is not null then
    v_settled := jobforge.settle_succeeded(p_run_id, v_ids, v_tokens, v_results, p_now);
  end if;
  if cardinality(v_settled) < cardinality(p_outcomes) then
    v_others := jobforge.settle_others(p_run_id, p_outcomes, p_now);
    if v_others.ids is not null then
      perform jobforge.trim_leases(p_run_id,
        array(select sent.lease_token from unnest(p_outcomes) as sent), v_others.ids);
      insert into jobforge.wakeups (queue_id)
      select q.id from jobforge.queues as q where q.capped and q.id = any (v_others.queue_ids);
      v_settled := v_settled || v_others.ids;
    end if;
    if v_others.requeued_ids is not null then
      perform jobforge.enter_again(v_others.requeued_ids);
      insert into jobforge.wakeups (queue_id, ready)
      select distinct woken.queue_id, true from unnest(v_others.ready_ids) as woken (queue_id)
      union all
      select distinct woken.queue_id, false from unnest(v_others.later_ids) as woken (queue_id);
    end if;
  end if;
  return v_settled;
end
$$;
comment on function jobforge.settle(bigint, jobforge.outcome[], timestamptz) is
  'Records the outcomes of a run''s attempts. Returns the ids of the jobs whose outcome counted.';
