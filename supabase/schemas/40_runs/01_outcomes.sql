-- Outcomes of attempts: how workers report them, and the wait before the next attempt.

create type jobforge.outcome as (
  id uuid,
  lease_token bigint,
  outcome text,
  result jsonb,
  error jsonb,
  retry_after_ms bigint
);
comment on type jobforge.outcome is
  'How an attempt ended: succeeded, errored, timed_out, failed, released or lease_expired.';

create function jobforge.backoff(p_attempt int, p_base_ms int, p_cap_ms int)
returns interval
language sql volatile
set search_path = pg_catalog, pg_temp
as $$
  -- The exponent is bounded, so that attempt 1,000 does not overflow.
  select make_interval(secs =>
    least(p_cap_ms, p_base_ms * 2.0 ^ least(greatest(p_attempt - 1, 0), 40))
    / 1000.0 * (0.5 + random() / 2))
$$;
comment on function jobforge.backoff(int, int, int) is
  'Returns the wait after a failed attempt: doubling up to the cap, the upper half of it random.';

create function jobforge.wait_after(p_outcome jobforge.outcome, p_backoff interval)
returns interval
language sql immutable
set search_path = pg_catalog, pg_temp
as $$
  select case when p_outcome.outcome = 'lease_expired' then interval '0'
    when p_outcome.retry_after_ms is not null then
      make_interval(secs => p_outcome.retry_after_ms / 1000.0)
    when p_outcome.outcome = 'released' then interval '0'
    else p_backoff
  end
$$;
comment on function jobforge.wait_after(jobforge.outcome, interval) is
  'Returns the wait before the next attempt: the backoff, or the wait that the handler requested.';

create function jobforge.check_retry_after(p_outcome jobforge.outcome)
returns jobforge.outcome
language sql immutable
set search_path = pg_catalog, pg_temp
as $$
  select case when p_outcome.outcome not in ('errored', 'timed_out', 'released')
      or p_outcome.retry_after_ms between 0 and 31622400000 is not false
    then p_outcome
    else row(p_outcome.id, p_outcome.lease_token, 'errored', null, jsonb_build_object(
      'code', 'invalid_retry_after', 'message', format(
        'retry_after_ms must be from 0 to 31622400000, not %s', p_outcome.retry_after_ms)),
      null)::jobforge.outcome end
$$;
comment on function jobforge.check_retry_after(jobforge.outcome) is
  'Returns the outcome. One that waits for less than nothing or more than 366 days becomes an '
  'error of its job.';

create function jobforge.bounded_text(p_value jsonb)
returns text
language sql immutable
set search_path = pg_catalog, pg_temp
as $$
  -- A text prints as it is stored. A list of numbers can print as gigabytes.
  select case when jsonb_typeof(p_value) = 'string' or pg_column_size(p_value) <= 64
    then p_value #>> '{}' end
$$;
comment on function jobforge.bounded_text(jsonb) is
  'Returns a text or another small value as text, or null.';

create function jobforge.error_summary(p_error jsonb)
returns jsonb
language sql immutable
set search_path = pg_catalog, pg_temp
as $$
  select case when p_error is not null then jsonb_build_object(
    'code', left(coalesce(jobforge.bounded_text(p_error -> 'code'), 'error'), 100),
    'message', left(coalesce(jobforge.bounded_text(p_error -> 'message'), ''), 4096)) end
$$;
comment on function jobforge.error_summary(jsonb) is
  'An error as it is stored: a code and a message.';

create function jobforge.bound_members(p_name text, p_list jsonb)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  -- What is smaller as a whole prints as 50 megabytes at most. #> returns it uncompressed.
  if pg_column_size(p_list #> '{}') > 4096 and exists (
    select from jsonb_array_elements(p_list) as element
    where pg_column_size(element) > 256 and (
      pg_column_size(element -> 'id') > 64 or pg_column_size(element -> 'outcome') > 64
      or pg_column_size(element -> 'lease_token') > 64
      or pg_column_size(element -> 'retry_after_ms') > 64))
  then
    perform jobforge.fail('invalid_argument', format('%s must have at most 64 bytes in each id, '
      'outcome, lease_token and retry_after_ms', p_name));
  end if;
end
$$;
comment on function jobforge.bound_members(text, jsonb) is
  'Raises invalid_argument for a member of an outcome that could become a huge text.';

create function jobforge.outcomes(p_outcomes jsonb)
returns jobforge.outcome[]
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_outcomes jobforge.outcome[];
  v_valid boolean := false;
begin
  -- A result over the cap fails its own job and leaves the others of the batch as they are.
  select array_agg(case when jobforge.jsonb_fits(reported.result, 262144) is not false
      then jobforge.check_retry_after(reported)
      else row(reported.id, reported.lease_token, 'failed', null,
        jsonb_build_object('code', 'result_too_large',
          'message', 'the result must have at most 262144 bytes of text, nested less than 32 deep'),
        null)::jobforge.outcome end),
    coalesce(bool_and(reported.id is not null and reported.lease_token is not null
      and coalesce(reported.outcome, '')
        in ('succeeded', 'errored', 'timed_out', 'failed', 'released')), true)
  into v_outcomes, v_valid
  from jsonb_populate_recordset(null::jobforge.outcome, p_outcomes) as reported
  -- Whole leases are settled before.
  where reported.id is not null or reported.lease_token is null
    or coalesce(reported.outcome, 'succeeded') <> 'succeeded' or reported.result is not null
    or reported.error is not null;
  if not v_valid then
    perform jobforge.fail('invalid_argument',
      'each of p_outcomes must have an id, a lease_token and an outcome: succeeded, errored, '
      'timed_out, failed or released');
  end if;
  return coalesce(v_outcomes, '{}');
exception when data_exception or datatype_mismatch then
  perform jobforge.fail('invalid_argument', format('p_outcomes: %s', sqlerrm));
  return null;
end
$$;
comment on function jobforge.outcomes(jsonb) is
  'Returns the outcomes that a worker reported. Raises invalid_argument unless each is complete.';
