-- Outcomes of attempts, and the backoff before the next one.

create type jobforge.outcome as (
  id uuid,
  lease_token bigint,
  outcome text,
  result jsonb,
  error jsonb,
  retry_after_ms bigint
);
comment on type jobforge.outcome is
  'What became of an attempt: succeeded, errored, timed_out, failed, released or lease_expired.';

create type jobforge.outcome_batch as (
  ids uuid[],
  queue_ids int[],
  requeued_ids int[],
  ready_ids int[],
  types text[],
  ends "char"[],
  latency_ms int[],
  duration_ms int[]
);
comment on type jobforge.outcome_batch is
  'Jobs whose outcome counted, and the queue of each; of each that is queued again; of each that is '
  'ready. For the metrics: the type of each, its end (see jobforge.outcome_batches), how long it '
  'waited and ran.';

create function jobforge.backoff(p_attempt int, p_base_ms int, p_cap_ms int)
returns interval
language sql volatile
set search_path = pg_catalog, pg_temp
as $$
  -- The exponent is bounded: attempt 1,000 waits as long as any attempt at the cap.
  select make_interval(secs =>
    least(p_cap_ms, p_base_ms * 2.0 ^ least(greatest(p_attempt - 1, 0), 40))
    / 1000.0 * (0.5 + random() / 2))
$$;
comment on function jobforge.backoff(int, int, int) is
  'Wait after a failed attempt: doubling up to the cap, the upper half of it by chance.';

create function jobforge.wait_after(p_outcome jobforge.outcome, p_backoff interval)
returns interval
language sql immutable
set search_path = pg_catalog, pg_temp
as $$
  select case when p_outcome.outcome = 'lease_expired' then interval '0'
    when p_outcome.retry_after_ms is not null then
      make_interval(secs => least(greatest(p_outcome.retry_after_ms, 0), 86400000) / 1000.0)
    when p_outcome.outcome = 'released' then interval '0'
    else p_backoff
  end
$$;
comment on function jobforge.wait_after(jobforge.outcome, interval) is
  'The wait before the next attempt: what the handler asked for, up to a day, or the backoff.';

create function jobforge.error_summary(p_error jsonb)
returns jsonb
language sql immutable
set search_path = pg_catalog, pg_temp
as $$
  select case when p_error is not null then jsonb_build_object(
    'code', left(coalesce(p_error ->> 'code', 'error'), 100),
    'message', left(coalesce(p_error ->> 'message', ''), 4096)) end
$$;
comment on function jobforge.error_summary(jsonb) is 'An error as it is kept: a code and a message.';
