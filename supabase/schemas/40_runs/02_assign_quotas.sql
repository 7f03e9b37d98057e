-- Assign quotas: which queues a claim serves, and how many jobs it may start of each.

create type jobforge.queue_quota as (
  queue_id int,
  quota int,
  vtime numeric,
  cursor_priority smallint,
  cursor_id uuid,
  weight numeric,
  max_running int,
  max_queued int,
  rate_interval double precision
);
comment on type jobforge.queue_quota is
  'A queue that a claim holds, and how many of its jobs the claim may start.';

create function jobforge.assign_quotas(
  p_width int, p_count int, p_floor numeric, p_except int[], p_now timestamptz)
returns jobforge.queue_quota[]
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  v_quotas jobforge.queue_quota[];
begin
  with held as materialized (
    select q.*
    from jobforge.queues as q
    where q.runnable and q.vtime >= p_floor and q.id <> all (p_except)
    order by q.vtime
    limit p_width
    for no key update skip locked
  ),
  -- p_count starts lift the queues with the smallest virtual times to one common level.
  weighted as (
    select held.id, held.vtime, jobforge_queues.max_running, jobforge_queues.max_queued,
      jobforge_queues.weight::numeric as weight,
      case when jobforge_queues.rate_limit is not null
        then jobforge.rate_interval(jobforge_queues) end as rate_interval,
      case when jobforge_queues.paused then 0
        when jobforge_queues.rate_limit is null then p_count
        else jobforge.starts_by_rate(
          row(held.*)::jobforge.queues, jobforge_queues, p_now) end as allowed,
      case when held.cursor_at > p_now - interval '2 seconds' then held.cursor_priority
        else (-32768)::smallint end as cursor_priority,
      case when held.cursor_at > p_now - interval '2 seconds' then held.cursor_id
        else '00000000-0000-0000-0000-000000000000' end as cursor_id,
      (p_count + sum(jobforge_queues.weight::numeric * held.vtime) over smaller)
        / sum(jobforge_queues.weight::numeric) over smaller as level
    from held join public.jobforge_queues
      on jobforge_queues.tenant_id = held.tenant_id and jobforge_queues.queue = held.queue
    window smaller as (order by held.vtime, held.id rows unbounded preceding)
  )
  select array_agg(row(weighted.id,
    least(ceil(weighted.weight * (lowest.level - weighted.vtime) - 0.000001)::int,
      weighted.allowed),
    weighted.vtime, weighted.cursor_priority, weighted.cursor_id, weighted.weight,
    weighted.max_running, weighted.max_queued,
    weighted.rate_interval)::jobforge.queue_quota order by weighted.vtime, weighted.id)
  into v_quotas
  from weighted, (select min(weighted.level) as level from weighted) as lowest
  where weighted.vtime < lowest.level;
  return v_quotas;
end
$$;
comment on function jobforge.assign_quotas(int, int, numeric, int[], timestamptz) is
  'Locks up to p_width runnable queues and shares p_count starts among them by weight.';

create function jobforge.apply_caps(p_quotas jobforge.queue_quota[])
returns jobforge.queue_quota[]
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  -- In a statement of its own: it sees every lease that was committed before the queues were
  -- locked, and no other claim adds one meanwhile.
  return array(
    select row(assigned.queue_id, case when assigned.max_running is null then assigned.quota
        else least(assigned.quota, greatest(
          assigned.max_running - jobforge.running(assigned.queue_id), 0))::int end,
      assigned.vtime, assigned.cursor_priority, assigned.cursor_id, assigned.weight,
      assigned.max_running, assigned.max_queued, assigned.rate_interval)::jobforge.queue_quota
    from unnest(p_quotas) as assigned);
end
$$;
comment on function jobforge.apply_caps(jobforge.queue_quota[]) is
  'Lowers the quotas of queues with max_running to what they may still start.';
