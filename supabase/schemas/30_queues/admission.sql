-- Admission: jobs enter a queue, counted and within its limit, without a lock on its row.

create function jobforge.admission_lock()
returns int
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
begin
  return 1246708226;
end
$$;
comment on function jobforge.admission_lock() is
  'Class of the lock held while jobs enter a queue with max_queued. Close to the limit it is held '
  'exclusively.';

create function jobforge.retry_after_seconds(p_queue_id int, p_missing bigint)
returns int
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return (
    select case
      when q.paused then 60
      when q.rate_limit is null then 5
      else least(greatest(
        ceil(p_missing * (q.rate_period_ms / 1000.0) / q.rate_limit), 1), 3600)::int end
    from public.jobforge_queues as q
    where q.id = p_queue_id);
end
$$;
comment on function jobforge.retry_after_seconds(int, bigint) is
  'Returns the seconds until a full queue may have p_missing free slots: by its rate, or a guess '
  'when it has none.';

create function jobforge.admit(p_queue_id int, p_max_queued int, p_count int)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_queued bigint;
begin
  -- Far from the limit callers pass side by side: 256 calls like this one would fit, even if none
  -- of them sees another. Close to the limit they pass one by one, and each sees all before it.
  if jobforge.queued(p_queue_id) + 512 * p_count <= p_max_queued then
    perform pg_advisory_xact_lock_shared(jobforge.admission_lock(), p_queue_id);
    if jobforge.queued(p_queue_id) + 256 * p_count <= p_max_queued then
      return;
    end if;
  end if;
  perform pg_advisory_xact_lock(jobforge.admission_lock(), p_queue_id);
  v_queued := jobforge.queued(p_queue_id);
  if v_queued + p_count > p_max_queued then
    perform jobforge.fail('queue_full',
      format('the queue holds %s jobs of at most %s: %s more do not fit',
        v_queued, p_max_queued, p_count),
      json_build_object('limit', p_max_queued, 'remaining', greatest(p_max_queued - v_queued, 0),
        'retry_after',
        jobforge.retry_after_seconds(p_queue_id, v_queued + p_count - p_max_queued))::text);
  end if;
end
$$;
comment on function jobforge.admit(int, int, int) is
  'Raises queue_full unless p_count more jobs fit under max_queued.';

create function jobforge.add_to_queue(
  p_tenant_id uuid, p_queue text, p_count int, p_ready_priority int)
returns int
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_locked_queue record;
  v_queue record;
begin
  -- Only the default queue is created on first use, so that tenants cannot multiply their share.
  for v_try in 1..2 loop
    select q.id, pg_advisory_xact_lock_shared(jobforge.parking_lock(), q.id) into v_locked_queue
    from public.jobforge_queues as q
    where q.tenant_id = p_tenant_id and q.queue = p_queue;
    exit when found or p_queue <> 'default';
    perform jobforge.refuse_erased(p_tenant_id);
    insert into public.jobforge_queues (tenant_id) values (p_tenant_id) on conflict do nothing;
  end loop;
  -- A new statement, so that it sees a queue that was parked before this transaction got the lock.
  select q.id, q.tenant_id, q.max_queued, q.max_running, q.paused, q.runnable, q.wake_at,
    q.cursor_priority
  into v_queue
  from public.jobforge_queues as q where q.id = v_locked_queue.id;
  if v_queue.tenant_id is distinct from p_tenant_id then
    perform jobforge.refuse_erased(p_tenant_id);
  end if;
  if v_queue.max_queued is not null then
    perform jobforge.admit(v_queue.id, v_queue.max_queued, p_count);
  end if;
  -- A queue at its cap is woken when one of its attempts ends, a throttled queue by time.
  if jobforge.tally_enqueued(v_queue.id, p_count) = 0 or p_ready_priority is null or v_queue.paused
    or v_queue.runnable and p_ready_priority >= coalesce(v_queue.cursor_priority, -32768)
    or not v_queue.runnable and (
      v_queue.wake_at is not null or jobforge.running(v_queue.id) >= v_queue.max_running)
  then
    return v_queue.id;
  end if;
  insert into jobforge.wakeups (queue_id) values (v_queue.id);
  return v_queue.id;
end
$$;
comment on function jobforge.add_to_queue(uuid, text, int, int) is
  'Admits and counts jobs into a queue, wakes it and returns its id. p_ready_priority is the '
  'smallest priority of the jobs that are ready now, or null. The caller then holds the queue''s '
  'parking lock, shared.';
