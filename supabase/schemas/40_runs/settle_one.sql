-- Settle one job: the short path of a report with one success.

create function jobforge.settle_one(
  p_run_id bigint, p_id uuid, p_token bigint, p_now timestamptz)
returns boolean
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_ended record;
begin
  if exists (select from jobforge.cancel_requests) then
    return false;
  end if;
  with lease as (
    select leases.queue_id, leases.started_at, leases.ids[1] as id, leases.places[1] as place
    from jobforge.leases
    where leases.run_id = p_run_id and leases.token = p_token and cardinality(leases.ids) = 1
  ),
  ended as (
    update jobforge.jobs as j
    set status = 'succeeded', attempts = j.attempts + 1, run_id = p_run_id,
      started_at = lease.started_at, finished_at = p_now
    from lease
    where j.ctid = lease.place and j.id = lease.id and (p_id is null or p_id = lease.id)
      and j.status is null
    returning j.type, j.run_at, lease.queue_id, lease.started_at
  ),
  gone as (
    delete from jobforge.leases
    where leases.run_id = p_run_id and leases.token = p_token and exists (select from ended)
  ),
  metrics as (
    insert into jobforge.outcome_batches (at, queue_ids, types, ends, latency_ms, duration_ms)
    select p_now, array[ended.queue_id], array[ended.type], '{s}',
      array[least(
        greatest(date_part('epoch', ended.started_at - ended.run_at) * 1000, 0), 2147483647)::int],
      array[least(
        greatest(date_part('epoch', p_now - ended.started_at) * 1000, 0), 2147483647)::int]
    from ended
  )
  select ended.queue_id, (select q.capped from jobforge.queues as q where q.id = ended.queue_id)
  into v_ended
  from ended;
  if v_ended.capped then
    insert into jobforge.wakeups (queue_id) values (v_ended.queue_id);
  end if;
  return v_ended.queue_id is not null;
end
$$;
comment on function jobforge.settle_one(bigint, uuid, bigint, timestamptz) is
  'Ends an attempt that succeeded, whose lease holds no other job. Returns false, and does '
  'nothing, when the usual path is needed.';
