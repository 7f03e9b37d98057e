-- Request runs: call the worker for ready jobs that exceed the free slots of the live runs.

create function jobforge.active_runs(p_now timestamptz)
returns table (active int, spare int)
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  -- A ticket that no worker redeemed within ten seconds no longer counts as a run on its way. A run
  -- that has been idle for a second may be about to end. A run that has not asked for jobs for two
  -- seconds takes no more.
  select count(*)::int,
    coalesce(sum(case
      when r.state = 'pending' then settings.run_capacity
      when r.idle_at < p_now - interval '1 second'
        or coalesce(r.polled_at, r.started_at) < p_now - interval '2 seconds' then 0
      else greatest(r.capacity - r.held, 0) end), 0)::int
  from jobforge.runs as r, jobforge.settings
  where r.state = 'live' and r.lease_expires_at > p_now
    or r.state = 'pending' and r.created_at > p_now - interval '10 seconds'
$$;
comment on function jobforge.active_runs(timestamptz) is
  'Returns how many runs are live or on their way, and how many more jobs they can hold.';

create function jobforge.request_runs(p_ready int)
returns int
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_settings jobforge.settings;
  v_active record;
  v_wanted int;
begin
  select settings.* into v_settings from jobforge.settings;
  if v_settings.project_url is null or to_regnamespace('net') is null
    or not pg_try_advisory_xact_lock(1246708227, 0)
  then
    return 0;
  end if;
  select counted.* into v_active from jobforge.active_runs(jobforge.clock()) as counted;
  v_wanted := least(
    ceil((p_ready - v_active.spare) / v_settings.run_capacity::float8)::int,
    v_settings.max_runs - v_active.active);
  for v_i in 1..v_wanted loop
    perform jobforge.call_worker(v_settings.project_url);
  end loop;
  return greatest(v_wanted, 0);
end
$$;
comment on function jobforge.request_runs(int) is
  'Calls as many workers as the ready jobs need beyond the active runs, up to max_runs. Returns '
  'how many.';

create function jobforge.ready_jobs(p_now timestamptz)
returns int
language sql stable
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set jit = off
as $$
  -- Counts no further than max_runs runs can hold.
  with enough as (select settings.max_runs * settings.run_capacity as jobs from jobforge.settings),
  ready as (
    select found.one
    from public.jobforge_queues as q
    cross join lateral (
      select 1 as one from public.jobforge_jobs as j
      where j.queue_id = q.id and j.status = 'queued' and not j.scheduled and j.lease_expiries < 2
        and (j.priority, j.id) >= (
          case when q.cursor_at > p_now - interval '2 seconds' then q.cursor_priority
            else -32768 end,
          case when q.cursor_at > p_now - interval '2 seconds' then q.cursor_id
            else '00000000-0000-0000-0000-000000000000' end)
      limit least(jobforge.available_starts(q, p_now), (select enough.jobs from enough))
    ) as found
    where q.runnable
    limit (select enough.jobs from enough)
  )
  select (select count(*) from ready)::int + (
    select count(*) from (
      select from public.jobforge_jobs as j join public.jobforge_queues as q on q.id = j.queue_id
      where j.status = 'queued' and not j.scheduled and j.lease_expiries >= 2
        and not q.paused and jobforge.available_starts(q, p_now) > 0
      limit 10) as quarantined)::int
$$;
comment on function jobforge.ready_jobs(timestamptz) is
  'Returns how many jobs could start now, counted up to what all runs together can hold.';
