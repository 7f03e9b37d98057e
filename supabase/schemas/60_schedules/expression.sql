-- The expression of a schedule: five cron fields, or N seconds.

create function jobforge.interval_seconds(p_expression text)
returns int
language sql immutable
set search_path = pg_catalog, pg_temp
as $$ select substring(p_expression from '^([1-9][0-9]{0,4}) seconds?$')::int $$;
comment on function jobforge.interval_seconds(text) is
  'Returns the N of N seconds, or null for cron.';

create function jobforge.cron_units()
returns table (place bigint, unit text, lowest int, highest int, names text[], takes text)
language sql immutable
set search_path = pg_catalog, pg_temp
as $$
  values (1::bigint, 'minute', 0, 59, '{}'::text[], '0–59'), (2, 'hour', 0, 23, '{}', '0–23'),
    (3, 'day', 1, 31, '{}', '1–31'),
    (4, 'month', 1, 12, '{jan,feb,mar,apr,may,jun,jul,aug,sep,oct,nov,dec}', '1–12, jan–dec'),
    (5, 'weekday', 0, 7, '{sun,mon,tue,wed,thu,fri,sat}', '0–7, sun–sat')
$$;
comment on function jobforge.cron_units() is
  'Returns the five fields of a cron expression with the values and names that each takes.';

create function jobforge.cron_parts(p_expression text)
returns table (place bigint, part text, low int, high int, step int, problem text)
language sql immutable
set search_path = pg_catalog, pg_temp
as $$
  -- In the C collation, because lower('FRI') has another i in some.
  with matched as (
    select units.*, listed.part, regexp_match(listed.part,
      '^(?:([*])|(?:([0-9]{1,2})|([a-z]{3}))(?:-(?:([0-9]{1,2})|([a-z]{3})))?)(?:/([0-9]{1,2}))?$')
      as found
    from regexp_split_to_table(lower(p_expression collate "C"), ' +') with ordinality as field
    join jobforge.cron_units() as units on units.place = field.ordinality
    cross join regexp_split_to_table(field.field, ',') as listed (part)
  ),
  valued as (
    select matched.*, case when found[1] is not null then lowest
        else coalesce(found[2]::int, array_position(names, found[3]) + lowest - 1) end as low,
      case when found[1] is not null then highest
        when coalesce(found[4], found[5]) is null
          then coalesce(found[2]::int, array_position(names, found[3]) + lowest - 1)
        -- A range may end on sun.
        when place = 5 and found[5] = 'sun' then 7
        else coalesce(found[4]::int, array_position(names, found[5]) + lowest - 1) end as high
    from matched
  )
  select place, part, low, high, coalesce(found[6]::int, 1), case
    when found is null or low is null or high is null or low < lowest
      or greatest(low, high) > highest or found[6]::int not between 1 and highest
      then format('%s must be %s, a list, a range or a step', unit, takes)
    when low > high then format('%s %s must be a range that goes up: write %s-%s,%s-%s', unit, part,
      low, highest - (place = 5)::int, lowest, high)
    when found[6] is not null and coalesce(found[1], found[4], found[5]) is null
      then format('%s %s must have a range before its step: write %s-%s/%s', unit, part,
        low, highest, found[6])
  end
  from valued
$$;
comment on function jobforge.cron_parts(text) is
  'Returns the parts of the lists of a cron expression, each with its values or its problem.';

create function jobforge.cron_values(p_expression text, p_place int)
returns int[]
language sql immutable
set search_path = pg_catalog, pg_temp
as $$
  select array_agg(distinct listed.value order by listed.value)
  from jobforge.cron_parts(p_expression) as parts,
    generate_series(parts.low, parts.high, parts.step) as listed (value)
  where parts.place = p_place
$$;
comment on function jobforge.cron_values(text, int) is
  'Returns the values of one field of a valid cron expression.';

create function jobforge.problem_with_expression(p_expression text)
returns text
language plpgsql immutable
set search_path = pg_catalog, pg_temp
set jit = off -- it would compile for a second what runs for a millisecond
as $$
declare
  v_fields constant text[] := regexp_split_to_array(coalesce(p_expression, ''), ' +');
  v_problem text;
begin
  if p_expression ~ '^[0-9]+ seconds?$' then
    return case when coalesce(jobforge.interval_seconds(p_expression), 0) not between 1 and 86400
      then 'expression: seconds must be from 1 to 86400' end;
  elsif cardinality(v_fields) <> 5 or length(p_expression) > 200 then
    return 'expression must have five fields (minute hour day month weekday) or be N seconds';
  end if;
  select parts.problem into v_problem from jobforge.cron_parts(p_expression) as parts
  where parts.problem is not null order by parts.place limit 1;
  if v_problem is null and v_fields[5] = '*' and not exists (
    select from unnest(jobforge.cron_values(p_expression, 4)) as in_month (month),
      unnest(jobforge.cron_values(p_expression, 3)) as on_day (day)
    where day <= case when month = 2 then 29 when month in (4, 6, 9, 11) then 30 else 31 end)
  then
    v_problem := format('day must be a day of the month: no month of %s has a day of %s',
      v_fields[4], v_fields[3]);
  end if;
  return 'expression: ' || v_problem;
end
$$;
comment on function jobforge.problem_with_expression(text) is
  'Returns what a valid expression must have, or null for a valid one. A valid one occurs again '
  'and again.';

create function jobforge.problem_with_schedule(p_schedule public.jobforge_schedules)
returns text
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return coalesce(
    jobforge.problem_with_expression(p_schedule.expression),
    -- Names of places only. Postgres also accepts POSIX rules and abbreviations.
    case when p_schedule.time_zone <> 'UTC' and not (p_schedule.time_zone ~ '^[A-Z][A-Za-z_]+/'
        and exists (select from pg_timezone_names where name = p_schedule.time_zone))
      then 'time_zone must be a name like Europe/Berlin, or UTC' end);
end
$$;
comment on function jobforge.problem_with_schedule(public.jobforge_schedules) is
  'Returns what a valid expression or time zone must be, or null for a valid schedule.';

create function jobforge.first_occurrence(p_schedule public.jobforge_schedules, p_after timestamptz)
returns timestamptz
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  -- Intervals count from the creation of the schedule.
  select case when jobforge.interval_seconds(p_schedule.expression) is not null
    then p_schedule.created_at + make_interval(secs =>
      (floor(extract(epoch from p_after - p_schedule.created_at)
        / jobforge.interval_seconds(p_schedule.expression)) + 1)::float8
      * jobforge.interval_seconds(p_schedule.expression))
    else (
      select due_at from jobforge.occurrences
      where schedule_id = p_schedule.id and due_at > p_after
      order by due_at
      limit 1)
  end
$$;
comment on function jobforge.first_occurrence(public.jobforge_schedules, timestamptz) is
  'Returns the first occurrence after a time, or null when the calendar ends before it.';
