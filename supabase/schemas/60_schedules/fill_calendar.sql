-- Fill the calendar: store 64 occurrences of a cron expression ahead. When half of them have
-- passed, maintenance requests more from the worker.
--
-- Nothing here waits for a schedule that another transaction holds. A later call fills it.

create function jobforge.note_problem(p_schedule_id uuid, p_problem text)
returns void
language sql volatile
set search_path = pg_catalog, pg_temp
as $$
  update public.jobforge_schedules
  set problem = left(p_problem, 200), refill_at = jobforge.clock() + interval '1 hour',
    refill_requested_at = null
  where id = p_schedule_id
$$;
comment on function jobforge.note_problem(uuid, text) is
  'Stores why a calendar was not filled. It is requested again in an hour.';

create function jobforge.caught_up(p_schedule public.jobforge_schedules)
returns int
language sql immutable
set search_path = pg_catalog, pg_temp
as $$ select case p_schedule.catch_up when 'skip' then 0 when 'once' then 1 else 100 end $$;
comment on function jobforge.caught_up(public.jobforge_schedules) is
  'Returns how many occurrences a schedule starts after a downtime at most.';

create function jobforge.save_occurrences(
  p_schedule public.jobforge_schedules, p_resume timestamptz, p_locals timestamp[])
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_resume constant timestamptz := coalesce(p_resume, p_schedule.filled_through);
  v_times timestamptz[];
begin
  select array_agg(accepted.due_at order by accepted.due_at) into v_times
  from (
    select found.due_at
    from (
      select due_at, row_number() over (partition by due_at <= v_resume order by due_at) as nth
      from unnest(jobforge.moments_of_schedule(
        p_schedule.expression, p_schedule.time_zone, p_locals)) as due_at
      where due_at > p_schedule.filled_through
        and due_at < jobforge.clock() + interval '50 years'
    ) as found
    where found.due_at > v_resume or found.nth <= jobforge.caught_up(p_schedule)
    order by found.due_at limit 200) as accepted;
  if v_times is null then
    perform jobforge.note_problem(p_schedule.id, 'the worker found no next occurrence');
    return;
  end if;
  insert into jobforge.occurrences (schedule_id, due_at)
  select p_schedule.id, due_at from unnest(v_times) as due_at
  on conflict do nothing;
  update public.jobforge_schedules
  set filled_through = v_times[cardinality(v_times)],
    refill_at = v_times[greatest(cardinality(v_times) - 32, 1)],
    refill_requested_at = null, problem = null, version = version + 1,
    next_at = (select min(due_at) from jobforge.occurrences where schedule_id = p_schedule.id)
  where id = p_schedule.id;
end
$$;
comment on function jobforge.save_occurrences(
  public.jobforge_schedules, timestamptz, timestamp[]) is
  'Stores the next occurrences of a schedule from its local times.';

create function jobforge.fill_schedule(
  p_schedule_id uuid, p_version int, p_resume timestamptz, p_times text[], p_problem text)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_schedule public.jobforge_schedules;
begin
  -- The version rejects what was computed before another run filled the calendar or the expression
  -- changed.
  select * into v_schedule from public.jobforge_schedules
  where id = p_schedule_id and version = p_version for no key update skip locked;
  if not found then
    return;
  end if;
  begin
    if p_problem is not null then
      perform jobforge.note_problem(v_schedule.id, p_problem);
    else
      perform jobforge.save_occurrences(v_schedule, p_resume, p_times::timestamp[]);
    end if;
  exception when others then
    perform jobforge.note_problem(v_schedule.id, format('the calendar failed with %s', sqlstate));
  end;
end
$$;
comment on function jobforge.fill_schedule(uuid, int, timestamptz, text[], text) is
  'Stores what a worker computed for one schedule. An error is kept with the schedule.';

create function jobforge.low_calendars(p_now timestamptz)
returns jsonb
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_schedule public.jobforge_schedules;
  v_resume timestamptz;
  v_low jsonb := '[]';
begin
  for v_schedule in
    select * from public.jobforge_schedules
    where not paused and refill_at <= p_now
    order by refill_at
    limit 10
    for no key update skip locked
  loop
    -- After a downtime the worker computes only as much of the past as catch_up can use.
    v_resume := greatest(v_schedule.filled_through, p_now - interval '1 minute');
    begin
      v_low := v_low || jsonb_build_object('id', v_schedule.id, 'version', v_schedule.version,
        'expression', v_schedule.expression, 'resume', v_resume, 'windows',
        jsonb_build_array(jobforge.local_window(v_resume, v_schedule.time_zone, 64)) || case
          when v_resume > v_schedule.filled_through and v_schedule.catch_up <> 'skip'
          then jsonb_build_array(jobforge.local_window(v_schedule.filled_through,
            v_schedule.time_zone, jobforge.caught_up(v_schedule)))
          else '[]' end);
    exception when others then
      perform jobforge.note_problem(v_schedule.id, format('the time zone failed: %s', sqlstate));
    end;
  end loop;
  return v_low;
end
$$;
comment on function jobforge.low_calendars(timestamptz) is
  'Returns up to ten schedules that need more occurrences, and the local times to look between.';

create function jobforge.fill_calendar(p_filled jsonb)
returns jsonb
language plpgsql
security definer -- writes the calendar
set search_path = pg_catalog, pg_temp
as $$
declare
  v_filled record;
begin
  perform jobforge.require_service();
  if jsonb_typeof(p_filled) is distinct from 'array' or jsonb_array_length(p_filled) > 100 then
    perform jobforge.fail('invalid_argument', 'p_filled must be an array of at most 100 schedules');
  elsif not jobforge.jsonb_fits(p_filled, 1048576) then
    perform jobforge.fail('invalid_argument', 'p_filled must have at most 1048576 bytes');
  end if;
  begin
    for v_filled in
      select computed.* from jsonb_to_recordset(p_filled)
        as computed (id uuid, version int, resume timestamptz, times text[], problem text)
      order by computed.id
    loop
      if exists (
        select from unnest(v_filled.times) as local
        where local !~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}$')
      then
        perform jobforge.fail('invalid_argument',
          'p_filled: times must be local times such as 2026-03-29T02:30, without a zone');
      end if;
      perform jobforge.fill_schedule(
        v_filled.id, v_filled.version, v_filled.resume, v_filled.times, v_filled.problem);
    end loop;
  exception when data_exception then
    perform jobforge.fail('invalid_argument', format('p_filled: %s', sqlerrm));
  end;
  return jobforge.low_calendars(jobforge.clock());
end
$$;
comment on function jobforge.fill_calendar(jsonb) is
  'Workers: stores occurrences that the worker computed. Returns the schedules that need more.';

create function public.jobforge_fill_calendar(p_filled jsonb default '[]')
returns jsonb
language sql volatile
set search_path = pg_catalog, pg_temp
set statement_timeout = '5s'
as $$ select jobforge.fill_calendar(p_filled) $$;
comment on function public.jobforge_fill_calendar(jsonb) is
  'Workers: stores occurrences of schedules. Returns the schedules that need more.';
