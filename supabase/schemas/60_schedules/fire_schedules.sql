-- Fire schedules: start what is due.
--
-- An occurrence is taken and its job created in one transaction, under the lock of the schedule's
-- row. A call that comes twice or late finds nothing left to do. Locked schedules are skipped, and
-- a tenant that holds its own queue is left for later.

create function jobforge.take_due_occurrences(
  p_schedule public.jobforge_schedules, p_now timestamptz)
returns timestamptz[]
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_seconds constant int := jobforge.interval_seconds(p_schedule.expression);
  v_due timestamptz[];
  v_on_time timestamptz[];
  v_chosen timestamptz[];
begin
  if v_seconds is not null then
    -- No more of a long past than can be caught up with.
    select array_agg(d order by d) into v_due
    from generate_series(greatest(p_schedule.next_at, jobforge.first_occurrence(
      p_schedule, p_now - make_interval(secs => v_seconds * 200::float8))), p_now,
      make_interval(secs => v_seconds)) as d;
  else
    with taken as (
      delete from jobforge.occurrences as o
      where o.schedule_id = p_schedule.id and o.due_at <= p_now
      returning o.due_at
    )
    select array_agg(t.due_at order by t.due_at) into v_due from taken as t;
  end if;
  v_due := coalesce(v_due, '{}');
  v_on_time := array(select d from unnest(v_due) as d where d > p_now - interval '1 minute' order by d);
  v_chosen := case
    when p_schedule.catch_up = 'all' then v_due[greatest(cardinality(v_due) - 99, 1):]
    when p_schedule.catch_up = 'once' and v_on_time = '{}' then v_due[cardinality(v_due):]
    else v_on_time end;
  if p_schedule.tenant_id is null then
    v_chosen := v_chosen[cardinality(v_chosen):];
  end if;
  update public.jobforge_schedules as s
  set next_at = jobforge.first_occurrence(s, p_now),
    last_at = coalesce(v_due[cardinality(v_due)], s.last_at),
    missed = s.missed + cardinality(v_due) - cardinality(v_chosen)
  where s.id = p_schedule.id;
  return v_chosen;
end
$$;
comment on function jobforge.take_due_occurrences(public.jobforge_schedules, timestamptz) is
  'Takes the occurrences that are due out of the calendar and returns those to start now.';

create function jobforge.fire(
  p_schedule public.jobforge_schedules, p_now timestamptz, p_budget int, p_until timestamptz)
returns int
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_due_at timestamptz;
  v_started int := 0;
begin
  if p_schedule.fan_out_at is not null then
    return jobforge.fan_out(p_schedule, p_schedule.fan_out_at, p_budget, p_until);
  end if;
  foreach v_due_at in array jobforge.take_due_occurrences(p_schedule, p_now) loop
    if p_schedule.tenant_id is null then
      return jobforge.fan_out(p_schedule, v_due_at, p_budget, p_until);
    end if;
    perform jobforge.count_starts(p_schedule.id,
      jobforge.start_for_tenants(p_schedule, array[p_schedule.tenant_id], v_due_at));
    v_started := v_started + 1;
  end loop;
  return v_started;
end
$$;
comment on function jobforge.fire(public.jobforge_schedules, timestamptz, int, timestamptz) is
  'Starts what a schedule has due. Returns how many jobs it tried to make.';

create function jobforge.fire_schedules(p_now timestamptz, p_budget int)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
set lock_timeout = '50ms'
as $$
declare
  v_until constant timestamptz := clock_timestamp() + interval '2 seconds';
  v_left int := p_budget;
  v_schedule public.jobforge_schedules;
begin
  for v_schedule in
    select s.* from public.jobforge_schedules as s
    where not s.paused and s.next_at <= p_now or s.fan_out_at is not null
    order by s.next_at
    limit 1000
    for no key update skip locked
  loop
    begin
      v_left := v_left - greatest(jobforge.fire(v_schedule, p_now, v_left, v_until), 1);
    exception
      when lock_not_available or deadlock_detected then
        v_left := v_left - 1;
      when others then
        update public.jobforge_schedules as s
        set failed = s.failed + 1, next_at = p_now + interval '1 minute',
          last_error = jsonb_build_object('at', p_now, 'code', sqlstate)
        where s.id = v_schedule.id;
    end;
    exit when v_left <= 0 or clock_timestamp() > v_until;
  end loop;
end
$$;
comment on function jobforge.fire_schedules(timestamptz, int) is
  'The tick of schedules: starts what is due, up to a number of jobs and for two seconds at most.';
