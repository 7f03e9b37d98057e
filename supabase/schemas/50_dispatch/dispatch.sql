-- The dispatcher: every ten seconds it repairs what lost calls and dead workers left behind.
--
-- It is short. Everything that can wait is a maintenance task, in a transaction of its own.

create function jobforge.note_dispatch(p_started_at timestamptz, p_calls int, p_errors text[])
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  -- Another dispatch may hold the row, in a transaction that stays open.
  perform from jobforge.maintenance_tasks where name = 'dispatch' for update skip locked;
  if found then
    perform jobforge.note_task('dispatch', p_started_at, p_calls, p_errors[1]);
  end if;
end
$$;
comment on function jobforge.note_dispatch(timestamptz, int, text[]) is
  'Records a dispatch beside the maintenance tasks: its duration, calls and first error.';

create function jobforge.left_behind()
returns text
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select 'promote: a trigger or a constraint of jobforge_queues rejects the queue of a tenant'
  where exists (
    select from jobforge.failed_newcomers as failed
    where exists (select from jobforge.newcomers where newcomers.tenant_id = failed.tenant_id))
$$;
comment on function jobforge.left_behind() is
  'Returns what the dispatcher had to leave, because it raises errors for one tenant, or null.';

create function jobforge.dispatch()
returns int
language plpgsql
security definer -- reclaims leases and calls the worker
set search_path = pg_catalog, pg_temp
as $$
declare
  v_now constant timestamptz := jobforge.clock();
  v_started_at constant timestamptz := clock_timestamp();
  v_errors text[] := '{}'::text[];
  v_error text;
  v_calls int := 0;
begin
  perform jobforge.require_service();
  begin
    v_error := jobforge.reclaim_lost_runs(v_now, v_started_at + interval '500 milliseconds');
    v_errors := v_errors || ('reclaim_lost_runs ' || v_error);
  exception when others then
    v_errors := v_errors || ('reclaim_lost_runs ' || jobforge.short_error(sqlstate, sqlerrm));
  end;
  begin
    perform jobforge.promote(v_now);
  exception when others then
    v_errors := v_errors || ('promote ' || jobforge.short_error(sqlstate, sqlerrm));
    perform jobforge.set_faulty_aside(v_now);
  end;
  begin
    -- Of several dispatches at once the first ignores what is in flight, the others respect it.
    v_calls := jobforge.request_runs(
      jobforge.ready_jobs(v_now), pg_try_advisory_xact_lock(1246708229, 0));
  exception when others then
    v_errors := v_errors || ('request_runs ' || jobforge.short_error(sqlstate, sqlerrm));
    perform jobforge.set_faulty_aside(v_now);
  end;
  v_errors := array_remove(v_errors || jobforge.left_behind(), null);
  perform jobforge.note_dispatch(v_started_at, v_calls, v_errors);
  if v_errors <> '{}' then
    raise warning 'jobforge: dispatch: %', array_to_string(v_errors, '; ');
  end if;
  return v_calls;
end
$$;
comment on function jobforge.dispatch() is
  'Operators: reclaims lost runs, promotes what is due and calls the worker if work is waiting. '
  'The error of one step stops no other, and a queue that raises is left out of the next dispatch. '
  'Returns how many calls.';

create function public.jobforge_dispatch()
returns int
language sql volatile
set search_path = pg_catalog, pg_temp
set statement_timeout = '5s'
as $$ select jobforge.dispatch() $$;
comment on function public.jobforge_dispatch() is
  'Operators: runs the dispatcher once, now. Returns how many calls it made to the worker.';
