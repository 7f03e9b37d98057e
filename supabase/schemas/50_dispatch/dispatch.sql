-- The dispatcher: every ten seconds it repairs what lost calls and dead workers left behind.

create function jobforge.dispatch()
returns int
language plpgsql
security definer -- reclaims leases and calls the worker
set search_path = pg_catalog, pg_temp
as $$
declare
  v_now constant timestamptz := jobforge.clock();
begin
  perform jobforge.require_service();
  perform jobforge.reclaim_lost_runs(v_now);
  perform jobforge.promote(v_now);
  perform jobforge.wake_missed_queues();
  perform jobforge.perform_maintenance_tasks(v_now);
  return jobforge.request_runs(jobforge.ready_jobs(v_now));
end
$$;
comment on function jobforge.dispatch() is
  'Operators: reclaims lost runs, promotes what is due, performs the maintenance tasks and calls '
  'the worker if work is waiting. Returns how many calls.';

create function public.jobforge_dispatch()
returns int
language sql volatile
set search_path = pg_catalog, pg_temp
as $$ select jobforge.dispatch() $$;
comment on function public.jobforge_dispatch() is
  'Operators: runs the dispatcher once, now. Returns how many calls it made to the worker.';
