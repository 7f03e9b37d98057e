-- The dispatcher: every ten seconds it finds what lost calls and dead workers left behind.

create function jobforge.dispatch()
returns int
language plpgsql
security definer -- the tick: reclaims leases and calls the worker
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
  'Operators: the tick: gives up lost runs, promotes what is due, does the chores, calls the '
  'worker if work is waiting.';

create function public.jobforge_dispatch()
returns int
language sql volatile
set search_path = pg_catalog, pg_temp
as $$ select jobforge.dispatch() $$;
comment on function public.jobforge_dispatch() is 'Operators: the tick, now.';
