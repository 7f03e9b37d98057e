-- Wake at commit: a wake-up makes its queue runnable and calls the worker when the enqueue
-- commits.

create function jobforge.wake_at_commit()
returns trigger
language plpgsql
security definer -- runs at commit, in the transaction of the caller that enqueued
set search_path = pg_catalog, pg_temp
as $$
begin
  if new.queue_id = any (jobforge.wake_queues(array[new.queue_id])) then
    delete from jobforge.wakeups where wakeups.id = new.id;
  end if;
  perform jobforge.request_runs(1);
  return null;
end
$$;
comment on function jobforge.wake_at_commit() is
  'Database: makes the queue of a wake-up runnable and calls the worker if no run has a free slot.';

create constraint trigger wakeups_at_commit
  after insert on jobforge.wakeups
  deferrable initially deferred
  for each row execute function jobforge.wake_at_commit();
comment on trigger wakeups_at_commit on jobforge.wakeups is
  'At commit, so that a long transaction holds neither a queue nor the dispatcher.';
