-- Local times of a schedule and the moments at which they occur.
--
-- The zone data of Postgres decides. The worker computes local times without a zone, so that its
-- own zone data cannot disagree. A schedule of certain hours follows the wall clock: a time that a
-- clock change skips occurs at the end of the gap, and one that comes twice occurs the first time.
-- A schedule of every hour follows the clock as it runs: it pauses at no change and adds nothing.

create function jobforge.utc_offset(p_at timestamptz, p_time_zone text)
returns interval
language sql stable
set search_path = pg_catalog, pg_temp
as $$ select (p_at at time zone p_time_zone) - (p_at at time zone 'UTC') $$;
comment on function jobforge.utc_offset(timestamptz, text) is
  'Returns the offset of a time zone from UTC at a moment.';

create function jobforge.moments_of(p_local timestamp, p_time_zone text)
returns timestamptz[]
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  -- The offsets of a day before and a day after are those on both sides of any change.
  select coalesce(array_agg(distinct moment.at order by moment.at), '{}')
  from (
    select (p_local - jobforge.utc_offset(
      p_local at time zone 'UTC' + days * interval '1 day', p_time_zone)) at time zone 'UTC' as at
    from (values (-1), (1)) as beside (days)
  ) as moment
  where moment.at at time zone p_time_zone = p_local
$$;
comment on function jobforge.moments_of(timestamp, text) is
  'Returns the moments at which the clocks of a time zone show a local time: none if a change '
  'skips it, two if it comes twice.';

create function jobforge.end_of_gap(p_local timestamp, p_time_zone text)
returns timestamptz
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_before timestamptz := p_local at time zone 'UTC' - interval '1 day';
  v_end timestamptz := p_local at time zone 'UTC' + interval '1 day';
  v_middle timestamptz;
begin
  -- The first second at which the clocks show more than p_local.
  while v_end - v_before > interval '1 second' loop
    v_middle := v_before + date_trunc('second', (v_end - v_before) / 2);
    if v_middle at time zone p_time_zone > p_local then
      v_end := v_middle;
    else
      v_before := v_middle;
    end if;
  end loop;
  return v_end;
end
$$;
comment on function jobforge.end_of_gap(timestamp, text) is
  'Returns the end of the gap in which a skipped local time lies.';

create function jobforge.first_moment_of(p_local timestamp, p_time_zone text)
returns timestamptz
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select coalesce((jobforge.moments_of(p_local, p_time_zone))[1],
    jobforge.end_of_gap(p_local, p_time_zone))
$$;
comment on function jobforge.first_moment_of(timestamp, text) is
  'Returns the first moment at which the clocks of a time zone show a local time or skip it.';

create function jobforge.moments_of_schedule(
  p_expression text, p_time_zone text, p_locals timestamp[])
returns timestamptz[]
language plpgsql stable
set search_path = pg_catalog, pg_temp
set jit = off
as $$
declare
  v_each_hour constant boolean := cardinality(jobforge.cron_values(p_expression, 2)) = 24;
  v_until constant timestamptz := jobforge.first_moment_of(
    (select max(local) from unnest(p_locals) as local), p_time_zone);
begin
  -- Beyond v_until local times are missing that come a second time.
  return array(
    select distinct moment.at
    from unnest(p_locals) as local
    cross join unnest(case when v_each_hour then jobforge.moments_of(local, p_time_zone)
      else array[jobforge.first_moment_of(local, p_time_zone)] end) as moment (at)
    where moment.at <= v_until
    order by moment.at);
end
$$;
comment on function jobforge.moments_of_schedule(text, text, timestamp[]) is
  'Returns when a schedule occurs, from its next local times. The last of them is complete.';

create function jobforge.local_window(p_after timestamptz, p_time_zone text, p_count int)
returns jsonb
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  -- After a change back local times come again: the window begins early enough for them. It has
  -- room for every minute that a change within a day repeats or skips.
  select jsonb_build_object(
    'after', to_char(p_after at time zone p_time_zone - greatest(beside.ahead, interval '0'),
      'YYYY-MM-DD"T"HH24:MI'),
    'count', p_count + (abs(extract(epoch from beside.ahead)) / 60
      + abs(extract(epoch from beside.behind)) / 60)::int)
  from (
    select jobforge.utc_offset(p_after, p_time_zone)
        - jobforge.utc_offset(p_after + interval '1 day', p_time_zone) as ahead,
      jobforge.utc_offset(p_after - interval '1 day', p_time_zone)
        - jobforge.utc_offset(p_after, p_time_zone) as behind
  ) as beside
$$;
comment on function jobforge.local_window(timestamptz, text, int) is
  'Returns after which local time a worker looks for occurrences, and for how many.';
