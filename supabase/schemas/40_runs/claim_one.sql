-- Claim one job: the short path, for a queue without limits and a job that the run takes.

create function jobforge.claim_one(
  p_run_id bigint, p_types text[], p_floor numeric, p_now timestamptz)
returns jobforge.claimed_jobs
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_queue record;
  v_gone record;
  v_read jobforge.claimed_jobs;
begin
  select q.id, q.queue, q.vtime, jobforge_queues.weight,
    num_nonnulls(jobforge_queues.max_running, jobforge_queues.max_queued,
      jobforge_queues.rate_limit) = 0 and not jobforge_queues.paused as unlimited,
    case when q.cursor_at > p_now - interval '2 seconds' then q.cursor_priority
      else (-32768)::smallint end as cursor_priority,
    case when q.cursor_at > p_now - interval '2 seconds' then q.cursor_id
      else '00000000-0000-0000-0000-000000000000' end as cursor_id
  into v_queue
  from jobforge.queues as q join public.jobforge_queues
    on jobforge_queues.tenant_id = q.tenant_id and jobforge_queues.queue = q.queue
  where q.runnable and q.vtime >= p_floor
  order by q.vtime
  limit 1
  for no key update of q skip locked;
  if not found or not v_queue.unlimited then
    return null;
  end if;
  with gone as (
    delete from jobforge.ready
    where ready.ctid = (
      select next.ctid from jobforge.ready as next
      where next.queue_id = v_queue.id
        and (next.priority, next.id) >= (v_queue.cursor_priority, v_queue.cursor_id)
      order by next.priority, next.id
      limit 1
      for update skip locked)
    returning ready.priority, ready.id, ready.tenant_id, ready.place
  ),
  leased as (
    insert into jobforge.leases (run_id, token, queue_id, tenant_id, started_at, ids, places)
    select p_run_id, nextval('jobforge.lease_tokens'), v_queue.id, gone.tenant_id, p_now,
      array[gone.id], array[gone.place]
    from gone
    returning leases.token
  ),
  moved as (
    update jobforge.queues as q
    set vtime = q.vtime + round(1 / v_queue.weight::numeric, 6), claimed = q.claimed + 1,
      cursor_priority = gone.priority, cursor_id = gone.id,
      cursor_at = case when q.cursor_at > p_now - interval '2 seconds' then q.cursor_at
        else p_now end
    from gone
    where q.id = v_queue.id
  )
  select gone.id, gone.place, leased.token into v_gone from gone, leased;
  if not found then
    return null;
  end if;
  select json_build_object('id', array[j.id],
      'tenant_id', array[j.tenant_id], 'queue', array[v_queue.queue], 'type', array[j.type],
      'payload', array[j.payload], 'attempt', array[j.attempts + 1], 'max_attempts',
      array[coalesce(j.max_attempts, t.max_attempts, 5) + j.attempts_before_retry],
      'lease_token', array[v_gone.token],
      'timeout_ms', array[coalesce(j.timeout_ms, t.timeout_ms, 60000)],
      'traceparent', array[j.traceparent], 'created_at', array[j.created_at],
      'run_at', array[j.run_at]), 1, null,
    coalesce(j.timeout_ms, t.timeout_ms, 60000), v_queue.vtime, false, false
  into v_read
  from jobforge.jobs as j left join jobforge.job_types as t on t.type = j.type
  where j.ctid = v_gone.place and j.id = v_gone.id
    and (p_types is null or j.type = any (p_types));
  if v_read.jobs is null then
    v_read := jobforge.read_for(p_run_id, p_types,
      row(array[v_gone.token], 1, v_queue.vtime, false, false)::jobforge.claimed);
  end if;
  return v_read;
end
$$;
comment on function jobforge.claim_one(bigint, text[], numeric, timestamptz) is
  'Claims the next job of the queue whose turn it is. Returns null when the usual path is needed.';
