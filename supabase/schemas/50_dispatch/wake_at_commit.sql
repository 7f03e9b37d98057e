-- Wake at commit: a wake-up calls the worker when the enqueue commits.

create function jobforge.needs_call(p_queue_id int, p_type text, p_now timestamptz)
returns boolean
language plpgsql
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
as $$
declare
  v_types text[];
begin
  if jobforge.has_room(p_now, p_type) then
    return false;
  elsif p_type is null and jobforge.has_kinds() then
    -- Several types: those of the first and the last jobs of the queue.
    v_types := array(
      select distinct j.type
      from (
        (select ready.place, ready.id from jobforge.ready where ready.queue_id = p_queue_id
          order by ready.priority, ready.id limit 50)
        union all
        (select ready.place, ready.id from jobforge.ready where ready.queue_id = p_queue_id
          order by ready.priority desc, ready.id desc limit 50)
      ) as looked_at join jobforge.jobs as j on j.ctid = looked_at.place and j.id = looked_at.id);
    return v_types = '{}' or exists (
      select from unnest(v_types) as waiting (type)
      where not jobforge.has_room(p_now, waiting.type));
  end if;
  return true;
end
$$;
comment on function jobforge.needs_call(int, text, timestamptz) is
  'Whether new work of a queue, of one type or of several, needs a call of the worker.';

create function jobforge.wake_at_commit()
returns trigger
language plpgsql
security definer -- runs at commit, in the transaction of the caller that enqueued
set search_path = pg_catalog, pg_temp
as $$
begin
  if jobforge.needs_call(new.queue_id, new.type, jobforge.clock()) then
    perform jobforge.request_runs(1);
  end if;
  return null;
exception when others then
  -- A hint fails no commit. The wake-up is still there, and the next claim or dispatch reads it.
  raise warning 'jobforge: wake-up: %', jobforge.short_error(sqlstate, sqlerrm);
  return null;
end
$$;
comment on function jobforge.wake_at_commit() is
  'Database: calls the worker for a wake-up if no run that takes its work has a free slot.';

create constraint trigger wakeups_at_commit
  after insert on jobforge.wakeups
  deferrable initially deferred
  for each row when (new.ready) execute function jobforge.wake_at_commit();
comment on trigger wakeups_at_commit on jobforge.wakeups is
  'At commit, so that a long transaction holds neither a queue nor the dispatcher.';
