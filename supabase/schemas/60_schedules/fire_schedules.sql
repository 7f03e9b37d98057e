-- Fire schedules: start what is due.
--
-- One transaction takes an occurrence and creates its job, under the lock of the schedule's row.
-- A second or late call finds nothing left to do. A later dispatch starts what was locked: a
-- schedule, or the queue of a tenant.
--
-- An occurrence is missed when the dispatcher did not run at its time. While it runs, an occurrence
-- that starts late is not missed, however many others were due before it.

create table jobforge.firing_periods (
  id int generated always as identity primary key,
  since timestamptz not null,
  through timestamptz not null
);
comment on table jobforge.firing_periods is
  'Since when schedules are fired without a break of two minutes. The row that reaches furthest '
  'counts. There is a second one only if a transaction held the first.';

create function jobforge.firing_since(p_now timestamptz)
returns timestamptz
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
  v_since constant timestamptz := coalesce((
    select least(reached.since, p_now)
    from (select * from jobforge.firing_periods order by through desc limit 1) as reached
    where reached.through >= p_now - interval '2 minutes'), p_now);
begin
  update jobforge.firing_periods set since = v_since, through = p_now
  where id = (select id from jobforge.firing_periods limit 1 for no key update skip locked);
  if not found then
    insert into jobforge.firing_periods (since, through) values (v_since, p_now);
  end if;
  return v_since;
end
$$;
comment on function jobforge.firing_since(timestamptz) is
  'Returns since when the dispatcher has run without a break, and records that it runs now.';

create function jobforge.take_due_occurrences(
  p_schedule public.jobforge_schedules, p_now timestamptz, p_since timestamptz)
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
    -- After a long downtime: no more than catch_up can use.
    select array_agg(due_at order by due_at) into v_due
    from generate_series(greatest(p_schedule.next_at, jobforge.first_occurrence(
      p_schedule, p_now - make_interval(secs => v_seconds * 200::float8))), p_now,
      make_interval(secs => v_seconds)) as due_at;
  else
    with taken as (
      delete from jobforge.occurrences
      where schedule_id = p_schedule.id and due_at <= p_now
      returning due_at
    )
    select array_agg(due_at order by due_at) into v_due from taken;
  end if;
  v_due := coalesce(v_due, '{}');
  v_on_time := array(
    select due_at from unnest(v_due) as due_at
    where due_at > p_since - interval '1 minute'
    order by due_at desc
    limit 100);
  v_on_time := array(select due_at from unnest(v_on_time) as due_at order by due_at);
  v_chosen := case
    when p_schedule.catch_up = 'all' then v_due[greatest(cardinality(v_due) - 99, 1):]
    when p_schedule.catch_up = 'once' and v_on_time = '{}' then v_due[cardinality(v_due):]
    else v_on_time end;
  if p_schedule.tenant_id is null then
    v_chosen := v_chosen[cardinality(v_chosen):];
  end if;
  update public.jobforge_schedules
  set next_at = jobforge.first_occurrence(jobforge_schedules, p_now),
    last_at = coalesce(v_due[cardinality(v_due)], last_at),
    missed = missed + cardinality(v_due) - cardinality(v_chosen)
  where id = p_schedule.id;
  return v_chosen;
end
$$;
comment on function jobforge.take_due_occurrences(
  public.jobforge_schedules, timestamptz, timestamptz) is
  'Deletes the due occurrences from the calendar and returns those to start now, 100 at most.';

create function jobforge.fire(
  p_schedule public.jobforge_schedules, p_now timestamptz, p_since timestamptz, p_budget int,
  p_until timestamptz)
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
  foreach v_due_at in array jobforge.take_due_occurrences(p_schedule, p_now, p_since) loop
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
comment on function jobforge.fire(
  public.jobforge_schedules, timestamptz, timestamptz, int, timestamptz) is
  'Starts the due occurrences of a schedule. Returns how many jobs it tried to create.';

create function jobforge.note_failed_schedule(p_id uuid, p_sqlstate text, p_now timestamptz)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  update public.jobforge_schedules
  set failed = failed + 1, next_at = p_now + interval '1 minute',
    last_error = jsonb_build_object('at', p_now, 'code', p_sqlstate)
  where id = p_id;
exception when others then
  -- A trigger of the application rejects each change of the row. The others fire.
  raise warning 'jobforge: a schedule cannot be changed: %',
    jobforge.short_error(sqlstate, sqlerrm);
end
$$;
comment on function jobforge.note_failed_schedule(uuid, text, timestamptz) is
  'Puts a schedule that raised an error off for a minute.';

create function jobforge.fire_schedules(p_now timestamptz, p_budget int)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
set lock_timeout = '50ms'
as $$
declare
  v_until constant timestamptz := clock_timestamp() + interval '2 seconds';
  v_since constant timestamptz := jobforge.firing_since(p_now);
  v_left int := p_budget;
  v_schedule public.jobforge_schedules;
begin
  for v_schedule in
    select * from public.jobforge_schedules
    where not paused and next_at <= p_now or fan_out_at is not null
    order by next_at
    limit 1000
    for no key update skip locked
  loop
    begin
      v_left := v_left - greatest(jobforge.fire(v_schedule, p_now, v_since, v_left, v_until), 1);
    exception
      when lock_not_available or deadlock_detected then
        v_left := v_left - 1;
      when others then
        perform jobforge.note_failed_schedule(v_schedule.id, sqlstate, p_now);
        v_left := v_left - 1;
    end;
    exit when v_left <= 0 or clock_timestamp() > v_until;
  end loop;
  -- For half a second, which is spared for the others.
  if exists (select from jobforge.postponed_starts) then
    perform jobforge.start_postponed(100, clock_timestamp() + interval '500 milliseconds');
  end if;
end
$$;
comment on function jobforge.fire_schedules(timestamptz, int) is
  'Starts due occurrences: about p_budget jobs, and for two seconds at most.';
