-- Fill the calendar: store 64 occurrences of a cron expression ahead. When half of them have
-- passed, maintenance requests more from the worker.

create function jobforge.save_occurrences(
  p_schedule_id uuid, p_version int, p_times timestamptz[], p_problem text)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_now constant timestamptz := jobforge.clock();
  v_schedule public.jobforge_schedules;
  v_times timestamptz[];
begin
  -- The version rejects a refill that was computed from an older expression.
  select * into v_schedule from public.jobforge_schedules
  where id = p_schedule_id and version = p_version for no key update;
  if not found then
    return;
  end if;
  select array_agg(accepted.due_at order by accepted.due_at) into v_times
  from (
    select distinct due_at from unnest(p_times) as due_at
    where due_at > v_schedule.filled_through and due_at < v_now + interval '50 years'
    order by due_at limit 200) as accepted;
  if v_times is null then
    update public.jobforge_schedules
    set problem = coalesce(left(p_problem, 200), 'the expression has no next occurrence')
    where id = v_schedule.id;
    return;
  end if;
  insert into jobforge.occurrences (schedule_id, due_at)
  select v_schedule.id, due_at from unnest(v_times) as due_at
  on conflict do nothing;
  update public.jobforge_schedules
  set filled_through = v_times[cardinality(v_times)],
    refill_at = v_times[greatest(cardinality(v_times) - 32, 1)],
    refill_requested_at = null,
    next_at = (select min(due_at) from jobforge.occurrences where schedule_id = v_schedule.id)
  where id = v_schedule.id;
end
$$;
comment on function jobforge.save_occurrences(uuid, int, timestamptz[], text) is
  'Stores the next occurrences of a schedule, or why there are none.';

create function jobforge.fill_calendar(p_filled jsonb)
returns jsonb
language plpgsql
security definer -- writes the calendar
set search_path = pg_catalog, pg_temp
as $$
declare
  v_now constant timestamptz := jobforge.clock();
  v_filled record;
begin
  perform jobforge.require_service();
  if jsonb_typeof(p_filled) is distinct from 'array' or jsonb_array_length(p_filled) > 100 then
    perform jobforge.fail('invalid_argument', 'p_filled must be an array of at most 100 schedules');
  end if;
  begin
    for v_filled in
      select computed.* from jsonb_to_recordset(p_filled)
        as computed (id uuid, version int, times timestamptz[], problem text)
      order by computed.id
    loop
      perform jobforge.save_occurrences(
        v_filled.id, v_filled.version, v_filled.times, v_filled.problem);
    end loop;
  exception when data_exception then
    perform jobforge.fail('invalid_argument', format('p_filled: %s', sqlerrm));
  end;
  -- After a downtime the worker computes only as much of the past as catch_up can use.
  return (
    select coalesce(jsonb_agg(jsonb_build_object('id', due.id, 'version', due.version,
      'expression', due.expression, 'time_zone', due.time_zone, 'after', due.filled_through,
      'resume', greatest(due.filled_through, v_now - interval '1 minute'), 'count', 64,
      'missed', case due.catch_up when 'skip' then 0 when 'once' then 1 else 100 end)), '[]')
    from (
      select * from public.jobforge_schedules
      where not paused and problem is null and refill_at <= v_now
      order by refill_at
      limit 10
    ) as due);
end
$$;
comment on function jobforge.fill_calendar(jsonb) is
  'Workers: stores occurrences that the worker computed. Returns the schedules that need more.';

create function public.jobforge_fill_calendar(p_filled jsonb default '[]')
returns jsonb
language sql volatile
set search_path = pg_catalog, pg_temp
as $$ select jobforge.fill_calendar(p_filled) $$;
comment on function public.jobforge_fill_calendar(jsonb) is
  'Workers: stores occurrences of schedules. Returns the schedules that need more.';

create function jobforge.request_refills(p_now timestamptz)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_project_url constant text := (select project_url from jobforge.settings);
begin
  if v_project_url is null or to_regnamespace('net') is null then
    return;
  end if;
  update public.jobforge_schedules set refill_requested_at = p_now
  where id in (
    select id from public.jobforge_schedules
    where not paused and problem is null and refill_at <= p_now
      and coalesce(refill_requested_at < p_now - interval '5 minutes', true)
    order by refill_at
    limit 50
    for no key update skip locked);
  if found then
    perform jobforge.call_worker(v_project_url);
  end if;
end
$$;
comment on function jobforge.request_refills(timestamptz) is
  'Calls the worker, which fills the calendar at its start. At most one call in five minutes per '
  'schedule.';
