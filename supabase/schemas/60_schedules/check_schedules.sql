-- The doctor's check of schedules.

create function jobforge.check_schedules()
returns jobforge.finding
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  -- Up to a thousand of each, by the indexes of the dispatcher.
  with stuck as (
    (select id, name from public.jobforge_schedules
      where not paused and next_at < jobforge.clock() - interval '10 minutes' limit 1000)
    union
    (select id, name from public.jobforge_schedules
      where not paused and next_at is null and refill_at < jobforge.clock() - interval '10 minutes'
      limit 1000)
    union
    (select id, name from public.jobforge_schedules
      where problem is not null and not paused limit 1000)
  )
  select row('schedules', count(*) = 0,
    format('%s schedules are late or have no next occurrence', count(*))
      || coalesce(', such as ' || min(name), ''),
    'read problem and last_error in jobforge_schedules, see RUNBOOK: A schedule does not start'
  )::jobforge.finding
  from stuck
$$;
comment on function jobforge.check_schedules() is
  'Checks that no schedule is ten minutes late or has a calendar that could not be filled.';
