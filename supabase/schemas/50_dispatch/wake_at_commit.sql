-- Wake at commit: a wake-up calls the worker when the enqueue commits.

create function jobforge.wake_at_commit()
returns trigger
language plpgsql
security definer -- runs at commit, in the transaction of the caller that enqueued
set search_path = pg_catalog, pg_temp
as $$
begin
  if not jobforge.has_room(jobforge.clock()) then
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
  'Database: calls the worker for a wake-up if no run has a free slot.';

create constraint trigger wakeups_at_commit
  after insert on jobforge.wakeups
  deferrable initially deferred
  for each row when (new.ready) execute function jobforge.wake_at_commit();
comment on trigger wakeups_at_commit on jobforge.wakeups is
  'At commit, so that a long transaction holds neither a queue nor the dispatcher.';
