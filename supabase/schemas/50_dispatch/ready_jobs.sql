-- Ready jobs: how many jobs could start now. The dispatcher calls workers for them.

create function jobforge.ready_jobs(p_now timestamptz)
returns int
language sql stable
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set jit = off
as $$
  -- Counts no further than max_runs runs can hold.
  with enough as (select settings.max_runs * settings.run_capacity as jobs from jobforge.settings),
  ready as (
    select found.one
    from jobforge.queues as q
    join public.jobforge_queues
      on jobforge_queues.tenant_id = q.tenant_id and jobforge_queues.queue = q.queue
    cross join lateral (
      select 1 as one from jobforge.ready
      where ready.queue_id = q.id
        and (ready.priority, ready.id) >= (
          case when q.cursor_at > p_now - interval '2 seconds' then q.cursor_priority
            else -32768 end,
          case when q.cursor_at > p_now - interval '2 seconds' then q.cursor_id
            else '00000000-0000-0000-0000-000000000000' end)
      limit least(
        jobforge.available_starts(q, jobforge_queues, p_now), (select enough.jobs from enough))
    ) as found
    where q.runnable
    limit (select enough.jobs from enough)
  )
  select (select count(*) from ready)::int + (
    select count(*) from (
      select from jobforge.quarantined join jobforge.queues as q on q.id = quarantined.queue_id
      join public.jobforge_queues
        on jobforge_queues.tenant_id = q.tenant_id and jobforge_queues.queue = q.queue
      where jobforge.available_starts(q, jobforge_queues, p_now) > 0
      limit 10) as startable)::int
$$;
comment on function jobforge.ready_jobs(timestamptz) is
  'Returns how many jobs could start now, counted up to what all runs together can hold.';
