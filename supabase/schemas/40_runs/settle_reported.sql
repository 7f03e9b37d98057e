-- Settle what a run reported: by whole leases, or job by job.

create type jobforge.recorded as (
  settled int,
  stale uuid[]
);
comment on type jobforge.recorded is
  'How many outcomes counted, and the jobs whose outcome came too late.';

create type jobforge.sent_outcomes as (
  ids uuid[],
  tokens bigint[],
  whole bigint[],
  plain boolean,
  fenced boolean,
  count int
);
comment on type jobforge.sent_outcomes is
  'What a run sent: jobs by id, whole leases, whether all jobs succeeded without a result, and '
  'whether each entry has a token.';

create function jobforge.settle_leases(p_run_id bigint, p_tokens bigint[], p_now timestamptz)
returns int
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_settled int := cardinality(
    jobforge.settle_succeeded(p_run_id, null, p_tokens, null, p_now));
  v_left jobforge.outcome[];
begin
  -- What is left are jobs whose cancellation was requested.
  if exists (select from jobforge.leases
    where leases.run_id = p_run_id and leases.token = any (p_tokens))
  then
    select array_agg(row(member.id, leases.token, 'succeeded', null, null, null)::jobforge.outcome)
    into v_left
    from jobforge.leases cross join lateral unnest(leases.ids) as member (id)
    where leases.run_id = p_run_id and leases.token = any (p_tokens);
    v_settled := v_settled + cardinality(jobforge.settle(p_run_id, v_left, p_now));
  end if;
  return v_settled;
end
$$;
comment on function jobforge.settle_leases(bigint, bigint[], timestamptz) is
  'Ends leases of which all jobs succeeded without a result. Returns how many jobs.';

create function jobforge.settle_reported(p_run_id bigint, p_outcomes jsonb, p_now timestamptz)
returns jobforge.recorded
language plpgsql
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set jit = off
as $$
declare
  v_sent jobforge.sent_outcomes;
  v_settled uuid[] := '{}'::uuid[];
  v_whole int := 0;
  v_outcomes jobforge.outcome[];
begin
  if jsonb_typeof(p_outcomes) is distinct from 'array' or jsonb_array_length(p_outcomes) > 1000 then
    perform jobforge.fail('invalid_argument',
      'p_outcomes must be an array of at most 1000 outcomes');
  end if;
  perform jobforge.bound_members('p_outcomes', p_outcomes);
  -- One job that succeeded without a result.
  if jsonb_array_length(p_outcomes) = 1 and jsonb_typeof(p_outcomes -> 0) = 'object'
    and (p_outcomes -> 0) - 'id' - 'lease_token' - 'outcome' = '{}'
    and coalesce(p_outcomes #>> '{0,outcome}',
      case when p_outcomes #> '{0,id}' is null then 'succeeded' end) = 'succeeded'
    and p_outcomes #>> '{0,lease_token}' ~ '^[0-9]{1,18}$'
    and coalesce(p_outcomes #>> '{0,id}' ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$', true)
    and jobforge.settle_one(p_run_id, (p_outcomes #>> '{0,id}')::uuid,
      (p_outcomes #>> '{0,lease_token}')::bigint, p_now)
  then
    return row(1, '{}'::uuid[])::jobforge.recorded;
  end if;
  begin
    select array_agg(reported.id) filter (where reported.id is not null) as ids,
      array_agg(reported.lease_token) filter (where reported.id is not null) as tokens,
      array_agg(reported.lease_token) filter (where reported.id is null
        and coalesce(reported.outcome, 'succeeded') = 'succeeded' and reported.result is null
        and reported.error is null) as whole,
      bool_and(reported.outcome = 'succeeded' and reported.result is null)
        filter (where reported.id is not null) as plain,
      bool_and(reported.lease_token is not null) as fenced, count(*) as count
    into v_sent
    from jsonb_to_recordset(p_outcomes)
      as reported (id uuid, lease_token bigint, outcome text, result jsonb, error jsonb);
  exception when data_exception or datatype_mismatch then
    v_sent := null; -- jobforge.outcomes says what is wrong
  end;
  if v_sent.fenced and v_sent.whole is not null then
    v_whole := jobforge.settle_leases(p_run_id, v_sent.whole, p_now);
    if v_sent.ids is null and cardinality(v_sent.whole) = v_sent.count then
      return row(v_whole, '{}'::uuid[])::jobforge.recorded;
    end if;
  end if;
  if v_sent.fenced and v_sent.plain then
    v_settled := jobforge.settle_succeeded(p_run_id, v_sent.ids, v_sent.tokens, null, p_now);
  end if;
  if v_sent.fenced and v_sent.plain and cardinality(v_settled) = cardinality(v_sent.ids) then
    return row(v_whole + cardinality(v_settled), '{}'::uuid[])::jobforge.recorded;
  end if;
  v_outcomes := jobforge.outcomes(p_outcomes);
  v_settled := v_settled || jobforge.settle(p_run_id, v_outcomes, p_now);
  return row(v_whole + cardinality(v_settled), array(
    select reported.id from unnest(v_outcomes) as reported
    where reported.id <> all (v_settled)))::jobforge.recorded;
end
$$;
comment on function jobforge.settle_reported(bigint, jsonb, timestamptz) is
  'Records the outcomes that a run reported. An entry {"lease_token": n} means that all jobs of '
  'the lease succeeded without a result.';
