-- Park a queue: claims skip it until it has work, capacity or its next slot in the rate.

create function jobforge.park(p_queue_id int, p_now timestamptz)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_queue public.jobforge_queues;
begin
  select q.* into v_queue from public.jobforge_queues as q where q.id = p_queue_id;
  if jobforge.next_start(v_queue) > p_now then
    update public.jobforge_queues as q
    set runnable = false, wake_at = jobforge.next_start(v_queue)
    where q.id = p_queue_id;
    return;
  end if;
  -- While another transaction may be adding work, the lock is refused and the queue stays runnable.
  -- With the lock, a new statement reads the jobs again. It does so without the cursor, because an
  -- id may be older than its commit. The probe is ordered: a bare EXISTS may become a sequential
  -- scan.
  if pg_try_advisory_xact_lock(jobforge.parking_lock(), p_queue_id) then
    update public.jobforge_queues as q
    set cursor_at = null,
      runnable = coalesce(jobforge.running(q.id) < q.max_running, true)
        and (select j.id from public.jobforge_jobs as j
          where j.queue_id = p_queue_id and j.status = 'queued' and not j.scheduled
            and j.lease_expiries < 2
          order by j.priority, j.id limit 1) is not null
    where q.id = p_queue_id;
  end if;
end
$$;
comment on function jobforge.park(int, timestamptz) is
  'Makes claims skip a queue while it is throttled, at its cap or empty.';

create function jobforge.wait_for_a_queue()
returns boolean
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  -- Never waits for a row: a row that was skipped after its recheck failed stays locked. Two claims
  -- that each hold such a row and wait for the other's would deadlock.
  if not exists (select from public.jobforge_queues as q where q.runnable) then
    return false;
  end if;
  perform pg_sleep(0.003);
  return true;
end
$$;
comment on function jobforge.wait_for_a_queue() is
  'Waits three milliseconds for another claim to commit. Returns false when no queue is runnable.';
