-- Claimed jobs as JSON: an object of arrays.

create type jobforge.claimed_jobs as (
  jobs json,
  count int,
  types text[],
  shortest_ms int,
  floor numeric,
  alone boolean,
  is_full boolean
);
comment on type jobforge.claimed_jobs is
  'Claimed jobs as JSON, their number, their types and the shortest of their timeouts. floor: the '
  'smallest virtual time met. alone: whether it is one quarantined job. is_full: the next job '
  'would have passed the byte budget.';

create function jobforge.jobs_as_columns(p_run_id bigint, p_tokens bigint[])
returns jobforge.claimed_jobs
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_claimed jobforge.claimed_jobs;
begin
  select json_build_object('id', json_agg(claimed.id), 'tenant_id', json_agg(claimed.tenant_id),
    'queue', json_agg(claimed.queue), 'type', json_agg(claimed.type),
    'payload', json_agg(claimed.payload), 'attempt', json_agg(claimed.attempt),
    'max_attempts', json_agg(claimed.max_attempts), 'lease_token', json_agg(claimed.token),
    'timeout_ms', json_agg(claimed.timeout_ms), 'traceparent', json_agg(claimed.traceparent),
    'created_at', json_agg(claimed.created_at), 'run_at', json_agg(claimed.run_at)),
    count(*), array_agg(distinct claimed.type), min(claimed.timeout_ms), null, null, null
  into v_claimed
  from (
    select j.id, j.tenant_id, q.queue, j.type, j.payload, j.attempts + 1 as attempt,
      coalesce(j.max_attempts, t.max_attempts, 5) + j.attempts_before_retry as max_attempts,
      leases.token, coalesce(j.timeout_ms, t.timeout_ms, 60000) as timeout_ms, j.traceparent,
      j.created_at, j.run_at
    from jobforge.leases
    cross join lateral unnest(leases.ids, leases.places) as member (id, place)
    join jobforge.jobs as j on j.ctid = member.place and j.id = member.id
    join jobforge.queues as q on q.id = leases.queue_id
    left join jobforge.job_types as t on t.type = j.type
    where leases.run_id = p_run_id and leases.token = any (p_tokens)
  ) as claimed;
  return v_claimed;
end
$$;
comment on function jobforge.jobs_as_columns(bigint, bigint[]) is
  'Claimed jobs as an object of arrays, which names each column once.';

create function jobforge.read_claimed(p_run_id bigint, p_claimed jobforge.claimed)
returns jobforge.claimed_jobs
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_read jobforge.claimed_jobs;
begin
  for v_look in 1..2 loop
    v_read := jobforge.jobs_as_columns(p_run_id, p_claimed.tokens);
    exit when v_read.count = p_claimed.count
      or not jobforge.refresh_places(p_run_id, p_claimed.tokens);
  end loop;
  return v_read;
end
$$;
comment on function jobforge.read_claimed(bigint, jobforge.claimed) is
  'Claimed jobs as JSON, also when their bodies have moved.';
