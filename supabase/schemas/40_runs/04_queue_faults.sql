-- Queue faults: a queue that raises an error is left out, so that it stops no other tenant.

create table jobforge.queue_faults (
  queue_id int primary key,
  at timestamptz not null,
  sqlstate text not null,
  message text not null
);
comment on table jobforge.queue_faults is
  'Queues that claims leave out, because looking at them raised an error. Explain and the doctor '
  'show them. A new configuration of the queue clears the fault.';

create function jobforge.is_at_fault(p_queue_id int)
returns boolean
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return exists (select from jobforge.queue_faults where queue_faults.queue_id = p_queue_id);
end
$$;
comment on function jobforge.is_at_fault(int) is
  'Whether claims leave out a queue, because looking at it raised an error.';

create function jobforge.set_faulty_aside(p_now timestamptz)
returns int
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_queue record;
  v_faults int := 0;
begin
  for v_queue in
    select q.id from jobforge.queues as q
    where (q.runnable or q.wake_at <= p_now
        or exists (select from jobforge.quarantined where quarantined.queue_id = q.id))
      and not jobforge.is_at_fault(q.id)
    order by q.vtime
    limit 1000
  loop
    begin
      perform jobforge.available_starts(q, jobforge_queues, p_now),
        jobforge.next_start(q, jobforge_queues, p_now),
        round(1 / jobforge_queues.weight::numeric, 6) + q.vtime
      from jobforge.queues as q join public.jobforge_queues
        on jobforge_queues.tenant_id = q.tenant_id and jobforge_queues.queue = q.queue
      where q.id = v_queue.id;
    exception when data_exception or integrity_constraint_violation then
      raise warning 'jobforge: queue % is left out: it raises %', v_queue.id, sqlstate;
      insert into jobforge.queue_faults (queue_id, at, sqlstate, message)
      values (v_queue.id, p_now, sqlstate, jobforge.short_error(sqlstate, sqlerrm))
      on conflict (queue_id) do nothing;
      update jobforge.queues as q set runnable = false, blocked = true, wake_at = null
      where q.id = v_queue.id;
      v_faults := v_faults + 1;
    end;
  end loop;
  return v_faults;
end
$$;
comment on function jobforge.set_faulty_aside(timestamptz) is
  'Finds the queues that raise errors and leaves them out. Returns how many.';
