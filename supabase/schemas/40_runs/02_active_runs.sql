-- Active runs: which runs are live or on their way, and how many more jobs they can hold.
--
-- A live worker polls within a second while it has free slots, and reports every five seconds
-- while it has none. So silence shows a dead isolate long before its lease ends.

create view jobforge.active_runs with (security_invoker = true) as
select r.id, r.state, r.kind, r.types, r.created_at, r.lease_expires_at,
  case
    when r.state = 'pending' then settings.run_capacity
    when r.alone and r.held > 0 then 0
    else greatest(r.capacity - r.held, 0) end as spare,
  -- An idle run of the edge may be about to end. A run that stopped asking for jobs takes no more.
  case when r.state = 'pending' then r.created_at + interval '3 seconds'
    else least(r.lease_expires_at, coalesce(r.polled_at, r.started_at) + interval '3 seconds',
      case when r.kind = 'edge' then r.idle_at + interval '1 second' end) end as helps_until,
  -- Each call of a run sets its lease anew, so the lease shows when the run last reported.
  case when r.state = 'pending' then r.created_at + interval '3 seconds'
    else least(r.lease_expires_at, r.lease_expires_at
      - make_interval(secs => settings.lease_seconds) + interval '7 seconds') end as counts_until
from jobforge.runs as r
cross join jobforge.settings
where r.state in ('pending', 'live');
comment on view jobforge.active_runs is
  'Runs that are live or on their way: how many jobs each can still take and until when that '
  'helps, and until when each counts towards max_runs.';

create function jobforge.has_room(p_now timestamptz, p_type text default null)
returns boolean
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return (
    select settings.project_url is null or (
      select coalesce(
        sum(active_runs.spare) filter (where active_runs.helps_until >= p_now
          -- Without a type, a container may be the wrong one.
          and case when p_type is null then active_runs.kind = 'edge'
            else active_runs.types is null or p_type = any (active_runs.types) end) > 0, false)
        or count(*) filter (where active_runs.counts_until >= p_now) >= settings.max_runs
      from jobforge.active_runs
      -- Older tickets count no more. The index skips them.
      where active_runs.state = 'live'
        or active_runs.created_at >= p_now - interval '1 minute')
      or exists (
        select from jobforge.job_types as t where t.type = p_type and t.runs_on = 'container')
    from jobforge.settings);
end
$$;
comment on function jobforge.has_room(timestamptz, text) is
  'Whether ready work needs no further call: a run that takes its type has free slots, max_runs '
  'runs are active, or there is no worker to call. An enqueue evaluates it in one expression.';
