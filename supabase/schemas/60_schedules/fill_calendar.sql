-- Fill the calendar: 64 occurrences of a cron expression are stored ahead. When half of them have
-- passed, the worker is asked for more.

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
  -- The version fences a refill that was computed from an older expression.
  select s.* into v_schedule from public.jobforge_schedules as s
  where s.id = p_schedule_id and s.version = p_version for no key update;
  if not found then
    return;
  end if;
  select array_agg(t order by t) into v_times
  from (
    select distinct t from unnest(p_times) as t
    where t > v_schedule.filled_through and t < v_now + interval '50 years'
    order by t limit 200) as k;
  if v_times is null then
    update public.jobforge_schedules as s
    set problem = coalesce(left(p_problem, 200), 'the expression has no next occurrence')
    where s.id = v_schedule.id;
    return;
  end if;
  insert into jobforge.occurrences (schedule_id, due_at)
  select v_schedule.id, t from unnest(v_times) as t
  on conflict do nothing;
  update public.jobforge_schedules as s
  set filled_through = v_times[cardinality(v_times)],
    refill_at = v_times[greatest(cardinality(v_times) - 32, 1)],
    refill_requested_at = null,
    next_at = (
      select min(o.due_at) from jobforge.occurrences as o where o.schedule_id = v_schedule.id)
  where s.id = v_schedule.id;
end
$$;
comment on function jobforge.save_occurrences(uuid, int, timestamptz[], text) is
  'Takes the next occurrences of a schedule, or why there are none.';

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
      select f.* from jsonb_to_recordset(p_filled)
        as f (id uuid, version int, times timestamptz[], problem text)
      order by f.id
    loop
      perform jobforge.save_occurrences(
        v_filled.id, v_filled.version, v_filled.times, v_filled.problem);
    end loop;
  exception when data_exception then
    perform jobforge.fail('invalid_argument', format('p_filled: %s', sqlerrm));
  end;
  -- After a downtime only so much of the past is asked for as the catch-up policy can use.
  return (
    select coalesce(jsonb_agg(jsonb_build_object('id', s.id, 'version', s.version,
      'expression', s.expression, 'time_zone', s.time_zone, 'after', s.filled_through,
      'resume', greatest(s.filled_through, v_now - interval '1 minute'), 'count', 64,
      'missed', case s.catch_up when 'skip' then 0 when 'once' then 1 else 100 end)), '[]')
    from (
      select l.* from public.jobforge_schedules as l
      where not l.paused and l.problem is null and l.refill_at <= v_now
      order by l.refill_at
      limit 10
    ) as s);
end
$$;
comment on function jobforge.fill_calendar(jsonb) is
  'Workers: keeps occurrences that the worker computed; answers with schedules that need some.';

create function public.jobforge_fill_calendar(p_filled jsonb default '[]')
returns jsonb
language sql volatile
set search_path = pg_catalog, pg_temp
as $$ select jobforge.fill_calendar(p_filled) $$;
comment on function public.jobforge_fill_calendar(jsonb) is
  'Workers: hands in occurrences of schedules; answers with schedules that need some.';

create function jobforge.request_refills(p_now timestamptz)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_project_url constant text := (select s.project_url from jobforge.settings as s);
begin
  if v_project_url is null or to_regnamespace('net') is null then
    return;
  end if;
  update public.jobforge_schedules as s set refill_requested_at = p_now
  where s.id in (
    select l.id from public.jobforge_schedules as l
    where not l.paused and l.problem is null and l.refill_at <= p_now
      and coalesce(l.refill_requested_at < p_now - interval '5 minutes', true)
    order by l.refill_at
    limit 50
    for no key update skip locked);
  if found then
    perform jobforge.call_worker(v_project_url);
  end if;
end
$$;
comment on function jobforge.request_refills(timestamptz) is
  'Calls the worker, which fills the calendar at its start. Each schedule asks once in five minutes.';
