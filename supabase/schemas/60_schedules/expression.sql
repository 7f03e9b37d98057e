-- The expression of a schedule: five cron fields, or N seconds.

create function jobforge.interval_seconds(p_expression text)
returns int
language sql immutable
set search_path = pg_catalog, pg_temp
as $$ select substring(p_expression from '^([1-9][0-9]{0,4}) seconds?$')::int $$;
comment on function jobforge.interval_seconds(text) is
  'Returns the N of N seconds, or null for cron.';

create function jobforge.problem_with_cron_field(p_field text, p_max int, p_names text)
returns boolean
language sql immutable
set search_path = pg_catalog, pg_temp
as $$
  -- Checks the form and the largest value. The worker's parser checks the rest.
  select exists (
      select from regexp_split_to_table(p_field, ',') as part
      where part !~* format(
        '^(\*|([0-9]{1,2}|%1$s)(-([0-9]{1,2}|%1$s))?)(/[1-9][0-9]?)?$', p_names))
    or exists (
      select from regexp_matches(p_field, '[0-9]{1,2}', 'g') as number
      where number[1]::int > p_max)
$$;
comment on function jobforge.problem_with_cron_field(text, int, text) is
  'Whether a field of a cron expression is invalid: its form, or a value above p_max.';

create function jobforge.problem_with_expression(p_expression text)
returns text
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_fields constant text[] := regexp_split_to_array(coalesce(p_expression, ''), ' +');
begin
  if p_expression ~ '^[0-9]+ seconds?$' then
    return case when coalesce(jobforge.interval_seconds(p_expression), 0) not between 1 and 86400
      then 'expression: seconds must be from 1 to 86400' end;
  end if;
  return case
    when cardinality(v_fields) <> 5 or length(p_expression) > 200
      then 'expression must have five fields (minute hour day month weekday) or be N seconds'
    when jobforge.problem_with_cron_field(v_fields[1], 59, '0')
      then 'expression: minute must be 0–59, a list, a range or a step'
    when jobforge.problem_with_cron_field(v_fields[2], 23, '0')
      then 'expression: hour must be 0–23, a list, a range or a step'
    when jobforge.problem_with_cron_field(v_fields[3], 31, '0')
      then 'expression: day must be 1–31, a list, a range or a step'
    when jobforge.problem_with_cron_field(v_fields[4], 12,
      'jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec')
      then 'expression: month must be 1–12, jan–dec, a list, a range or a step'
    when jobforge.problem_with_cron_field(v_fields[5], 7, 'sun|mon|tue|wed|thu|fri|sat')
      then 'expression: weekday must be 0–7, sun–sat, a list, a range or a step'
  end;
end
$$;
comment on function jobforge.problem_with_expression(text) is
  'Returns what a valid expression must have, or null for a valid one.';

create function jobforge.problem_with_schedule(p_schedule public.jobforge_schedules)
returns text
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return coalesce(
    jobforge.problem_with_expression(p_schedule.expression),
    -- Names only: Postgres accepts more than the worker's parser.
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
