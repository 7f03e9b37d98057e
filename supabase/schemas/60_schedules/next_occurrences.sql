-- The next occurrences of a schedule.

create function jobforge.next_occurrences(p_schedule_id uuid, p_count int)
returns setof timestamptz
language plpgsql stable
security definer -- reads occurrences: bounded by schedule_of_caller
set search_path = pg_catalog, pg_temp
as $$
declare
  v_schedule constant public.jobforge_schedules := jobforge.schedule_of_caller(p_schedule_id);
  v_seconds constant int := jobforge.interval_seconds(v_schedule.expression);
  v_first constant timestamptz := jobforge.first_occurrence(v_schedule, jobforge.clock());
begin
  if p_count is null or p_count not between 1 and 100 then
    perform jobforge.fail('invalid_argument', 'p_count must be from 1 to 100');
  elsif v_seconds is not null then
    return query
    select v_first + make_interval(secs => v_seconds * later)
    from generate_series(0, p_count - 1) as later;
  end if;
  return query
  select due_at from jobforge.occurrences
  where schedule_id = v_schedule.id and due_at >= v_first
  order by due_at
  limit p_count;
end
$$;
comment on function jobforge.next_occurrences(uuid, int) is
  'Users: returns the next occurrences, also of a paused schedule, as far as the calendar reaches.';

create function public.jobforge_next_occurrences(p_schedule_id uuid, p_count int default 5)
returns setof timestamptz
language sql stable
set search_path = pg_catalog, pg_temp
as $$ select * from jobforge.next_occurrences(p_schedule_id, p_count) $$;
comment on function public.jobforge_next_occurrences(uuid, int) is
  'Users: returns the next occurrences of a schedule.';
