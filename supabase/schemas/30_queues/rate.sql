-- How many jobs of a queue may start now by its rate (GCRA).
--
-- What was used is counted in starts: the time until tat, in intervals of the rate that tat was
-- computed with. So a changed rate or burst keeps it. A clock that is set back keeps it, too: tat
-- is then read as of the time when it was computed, and the next look at the queue computes it
-- anew.

create function jobforge.tat_is_ahead(p_tat_at timestamptz, p_now timestamptz)
returns boolean
language sql immutable
set search_path = pg_catalog, pg_temp
as $$ select coalesce(p_tat_at > p_now + interval '10 seconds', false) $$;
comment on function jobforge.tat_is_ahead(timestamptz, timestamptz) is
  'Whether tat was computed in the future, because the clock was set back since then. No statement '
  'is ten seconds late.';

create function jobforge.used_starts(p_queue jobforge.queues, p_now timestamptz)
returns double precision
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
begin
  return coalesce(
    greatest(extract(epoch from p_queue.tat - case
      when jobforge.tat_is_ahead(p_queue.tat_at, p_now) then p_queue.tat_at else p_now end
      ), 0)::float8 / p_queue.tat_interval, 0);
end
$$;
comment on function jobforge.used_starts(jobforge.queues, timestamptz) is
  'Returns the starts of the burst that are used up now. It falls by one in each interval.';

create function jobforge.rate_interval(p_settings public.jobforge_queues)
returns double precision
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
begin
  return p_settings.rate_period_ms / 1000.0::float8 / p_settings.rate_limit;
end
$$;
comment on function jobforge.rate_interval(public.jobforge_queues) is
  'Returns the seconds between two starts. Null without a rate.';

create function jobforge.next_start(
  p_queue jobforge.queues, p_settings public.jobforge_queues, p_now timestamptz)
returns timestamptz
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
begin
  return p_now + make_interval(secs => greatest(
    jobforge.used_starts(p_queue, p_now) - p_settings.rate_burst + 1, 0)
    * p_queue.tat_interval);
end
$$;
comment on function jobforge.next_start(
  jobforge.queues, public.jobforge_queues, timestamptz) is
  'Returns when the rate allows the next start. Null without a rate or before the first start.';

create function jobforge.starts_by_rate(
  p_queue jobforge.queues, p_settings public.jobforge_queues, p_now timestamptz)
returns int
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  return case when p_settings.rate_limit is null then 2147483647
    else greatest(floor(
      p_settings.rate_burst + 1e-6 - jobforge.used_starts(p_queue, p_now)), 0)::int end;
end
$$;
comment on function jobforge.starts_by_rate(
  jobforge.queues, public.jobforge_queues, timestamptz) is
  'Returns how many jobs of the queue may start now by its rate.';

create function jobforge.available_starts(
  p_queue jobforge.queues, p_settings public.jobforge_queues, p_now timestamptz)
returns int
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  -- Where a plan reads a queue that was left out, it may not raise again.
  return case when p_settings.paused or jobforge.is_at_fault(p_queue.id) then 0
    when p_settings.max_running is null
      then jobforge.starts_by_rate(p_queue, p_settings, p_now)
    else greatest(least(p_settings.max_running - jobforge.running(p_queue.id),
      jobforge.starts_by_rate(p_queue, p_settings, p_now)), 0)::int end;
end
$$;
comment on function jobforge.available_starts(
  jobforge.queues, public.jobforge_queues, timestamptz) is
  'Returns how many jobs of the queue may start now under its cap and its rate. None of a queue at '
  'fault.';
