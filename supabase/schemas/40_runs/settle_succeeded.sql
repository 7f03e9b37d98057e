-- Settle attempts that succeeded: the usual case, by whole leases or by id.
--
-- An outcome counts only with the lease token of the current attempt. A worker that lost its lease
-- can neither finish, fail nor revive a job. The run is locked, and only it changes its leases and
-- the bodies of their jobs. So settling waits for no caller.

create function jobforge.refresh_places(p_run_id bigint, p_tokens bigint[])
returns boolean
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  update jobforge.leases set places = found.places
  from (
    select leases.token, array_agg(j.ctid order by member.ordinality) as places
    from jobforge.leases
    cross join lateral unnest(leases.ids) with ordinality as member (id)
    join jobforge.jobs as j on j.tenant_id = leases.tenant_id and j.id = member.id
    where leases.run_id = p_run_id and leases.token = any (p_tokens)
    group by leases.token) as found
  where leases.run_id = p_run_id and leases.token = found.token
    and cardinality(leases.ids) = cardinality(found.places) and leases.places <> found.places;
  return found;
end
$$;
comment on function jobforge.refresh_places(bigint, bigint[]) is
  'Looks up by key where the bodies of leased jobs lie. Returns whether any had moved.';

create function jobforge.trim_leases(p_run_id bigint, p_tokens bigint[], p_ids uuid[])
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  with kept as materialized (
    select leases.token, array_agg(member.id order by member.ordinality) as ids,
      array_agg(member.place order by member.ordinality) as places
    from jobforge.leases
    cross join lateral unnest(leases.ids, leases.places) with ordinality as member (id, place)
    where leases.run_id = p_run_id and leases.token = any (p_tokens)
      and (member.id in (select settled.id from unnest(p_ids) as settled (id))) is not true
    group by leases.token
  ),
  gone as (
    delete from jobforge.leases
    where leases.run_id = p_run_id and leases.token = any (p_tokens)
      and leases.token not in (select kept.token from kept)
  )
  update jobforge.leases set ids = kept.ids, places = kept.places
  from kept
  where leases.run_id = p_run_id and leases.token = kept.token
    and cardinality(leases.ids) > cardinality(kept.ids);
end
$$;
comment on function jobforge.trim_leases(bigint, bigint[], uuid[]) is
  'Takes settled jobs out of their leases and deletes leases that are empty then.';

-- A hint of a place is always compared with the id, and the semijoin is a hashed subplan: as a join
-- it becomes a nested loop, quadratic in the batch.
create function jobforge.settle_succeeded(
  p_run_id bigint, p_ids uuid[], p_tokens bigint[], p_results jsonb[], p_now timestamptz)
returns uuid[]
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_canceling constant boolean := exists (select from jobforge.cancel_requests);
  v_settled uuid[];
  v_full bigint[];
  v_leases int;
  v_held int;
  v_capped int[];
begin
  with held as materialized (
    select leases.token, leases.tenant_id, leases.queue_id, leases.started_at, member.id,
      member.place, cardinality(leases.ids) as size
    from jobforge.leases cross join lateral unnest(leases.ids, leases.places) as member (id, place)
    where leases.run_id = p_run_id and leases.token = any (p_tokens)
      and (p_ids is null or (leases.token, member.id) in (
        select sent.token, sent.id from unnest(p_tokens, p_ids) as sent (token, id))) is true
      and (not v_canceling or not exists (
        select from jobforge.cancel_requests where cancel_requests.tenant_id = leases.tenant_id
          and cancel_requests.job_id = member.id))
  ),
  ended as (
    update jobforge.jobs as j
    set status = 'succeeded', attempts = j.attempts + 1, run_id = p_run_id,
      started_at = held.started_at, finished_at = p_now
    from held
    where j.ctid = held.place and j.id = held.id and j.status is null
    returning j.tenant_id, j.id, j.type, j.run_at, held.started_at, held.queue_id, held.token,
      held.size
  ),
  whole as (
    select ended.token from ended group by ended.token, ended.size having count(*) = ended.size
  ),
  stored as (
    insert into public.jobforge_job_results (tenant_id, job_id, result, created_at)
    select distinct on (ended.id) ended.tenant_id, ended.id, sent.result, p_now
    from ended join unnest(p_ids, p_results) as sent (id, result) on sent.id = ended.id
    where p_results is not null and sent.result is not null
  ),
  metrics as (
    insert into jobforge.outcome_batches (at, queue_ids, types, ends, latency_ms, duration_ms)
    select p_now, array_agg(ended.queue_id), array_agg(ended.type),
      array_fill('s'::"char", array[count(*)::int]),
      array_agg(least(greatest(
        date_part('epoch', ended.started_at - ended.run_at) * 1000, 0), 2147483647)::int),
      array_agg(least(greatest(
        date_part('epoch', p_now - ended.started_at) * 1000, 0), 2147483647)::int)
    from ended having count(*) > 0
  )
  select array_agg(ended.id), (select array_agg(whole.token) from whole),
    count(distinct ended.token), (select count(*) from held), (
      select array_agg(q.id) from jobforge.queues as q
      where q.capped and q.id = any (array(select distinct counted.queue_id from ended as counted)))
  into v_settled, v_full, v_leases, v_held, v_capped
  from ended;
  if v_capped is not null then
    insert into jobforge.wakeups (queue_id) select capped.id from unnest(v_capped) as capped (id);
  end if;
  delete from jobforge.leases where leases.run_id = p_run_id and leases.token = any (v_full);
  if coalesce(cardinality(v_full), 0) < v_leases then
    perform jobforge.trim_leases(p_run_id, p_tokens, v_settled);
  end if;
  -- Some bodies have moved. The second look finds them at their new places.
  if coalesce(cardinality(v_settled), 0) < v_held
    and jobforge.refresh_places(p_run_id, p_tokens)
  then
    return coalesce(v_settled, '{}')
      || jobforge.settle_succeeded(p_run_id, p_ids, p_tokens, p_results, p_now);
  end if;
  return coalesce(v_settled, '{}');
end
$$;
comment on function jobforge.settle_succeeded(bigint, uuid[], bigint[], jsonb[], timestamptz) is
  'Ends the attempts that succeeded, except those of jobs whose cancellation was requested. '
  'Without ids it ends the leases as wholes. Returns the ids of the jobs.';
