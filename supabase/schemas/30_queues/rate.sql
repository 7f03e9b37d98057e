-- How many jobs of a queue may start now: its cap on running jobs, and its rate (GCRA).

create function jobforge.next_start(p_queue public.jobforge_queues)
returns timestamptz
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
begin
  return p_queue.tat - make_interval(secs =>
    (p_queue.rate_burst - 1) * p_queue.rate_period_ms / 1000.0 / p_queue.rate_limit);
end
$$;
comment on function jobforge.next_start(public.jobforge_queues) is
  'Returns when the rate allows the next start. Null without a rate or before the first start.';

create function jobforge.available_starts(p_queue public.jobforge_queues, p_now timestamptz)
returns int
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_available bigint := 2147483647;
  v_interval double precision;
begin
  if p_queue.max_running is not null then
    -- claimed comes from the row that the caller locked: newer than this statement's snapshot.
    v_available := p_queue.max_running - p_queue.claimed + coalesce((
      select sum(queue_tallies.total) from jobforge.queue_tallies
      where queue_tallies.queue_id = p_queue.id and queue_tallies.side = 'r'), 0);
  end if;
  if p_queue.rate_limit is not null then
    v_interval := p_queue.rate_period_ms / 1000.0 / p_queue.rate_limit;
    v_available := least(v_available, floor(p_queue.rate_burst + 1e-6 - greatest(
      extract(epoch from p_queue.tat - p_now), 0)::double precision / v_interval)::bigint);
  end if;
  return greatest(v_available, 0);
end
$$;
comment on function jobforge.available_starts(public.jobforge_queues, timestamptz) is
  'Returns how many jobs of the queue may start now under its cap and its rate.';
