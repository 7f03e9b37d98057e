-- Finish a run: release what it holds and call the next run when work is left.

create function jobforge.finish_run(p_run_id bigint, p_reason text, p_cpu_ms int)
returns json
language plpgsql
security definer -- ends runs, releases jobs, calls the worker
set search_path = pg_catalog, pg_temp
as $$
begin
  perform jobforge.lock_live_run(p_run_id);
  if p_reason is null or p_reason not in ('drained', 'wall_clock', 'cpu', 'shutdown', 'error') then
    perform jobforge.fail('invalid_argument',
      'p_reason must be drained, wall_clock, cpu, shutdown or error');
  end if;
  perform jobforge.end_leases(p_run_id, null, 'released');
  update jobforge.runs as r
  set state = 'finished', held = 0, lease_expires_at = null, ended_at = jobforge.clock(),
    end_reason = p_reason, cpu_ms = p_cpu_ms
  where r.id = p_run_id;
  perform jobforge.promote(jobforge.clock());
  return json_build_object(
    'dispatched', jobforge.request_runs(jobforge.ready_jobs(jobforge.clock())));
end
$$;
comment on function jobforge.finish_run(bigint, text, int) is
  'Workers: ends a run, releases what it holds and calls the worker again if work is left.';

create function public.jobforge_finish_run(
  p_run_id bigint, p_reason text, p_cpu_ms int default null)
returns json
language sql volatile
set search_path = pg_catalog, pg_temp
set statement_timeout = '2s'
as $$ select jobforge.finish_run(p_run_id, p_reason, p_cpu_ms) $$;
comment on function public.jobforge_finish_run(bigint, text, int) is
  'Workers: ends a run, releases what it holds and calls the worker again if work is left.';
