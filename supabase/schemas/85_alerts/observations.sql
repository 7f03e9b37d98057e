-- Observations: values that alert rules compare between two evaluations.

create table jobforge.enqueue_volumes (
  queue_id int primary key,
  enqueued bigint not null,
  at timestamptz not null,
  per_minute double precision not null default 0,
  usual_per_minute double precision not null default 0
) with (fillfactor = 50);
comment on table jobforge.enqueue_volumes is
  'How many jobs were ever enqueued into a queue, and how many a minute since the evaluation '
  'before. The usual number is a mean in which the last hour counts for two thirds.';

create table jobforge.schedule_missed_totals (
  schedule_id uuid primary key references public.jobforge_schedules (id) on delete cascade,
  missed bigint not null,
  at timestamptz
);
comment on table jobforge.schedule_missed_totals is
  'Occurrences that a schedule missed or failed, and when that number last rose.';

create function jobforge.observe_volumes(p_now timestamptz)
returns void
language sql volatile
set search_path = pg_catalog, pg_temp
as $$
  insert into jobforge.enqueue_volumes (queue_id, enqueued, at)
  select active.queue_id, coalesce(sum(queue_deltas.enqueued), 0), p_now
  from (
    select busy as queue_id from jobforge.busy_queues(1000) as busy
    union
    (select distinct queue_id from jobforge.metrics_by_minute
      where at >= p_now - interval '3 minutes' and queue_id > 0 limit 1000)
  ) as active
  left join jobforge.queue_deltas
    on queue_deltas.queue_id = active.queue_id
  group by active.queue_id
  order by active.queue_id
  on conflict (queue_id) do update
  set enqueued = excluded.enqueued, at = excluded.at,
    per_minute = (excluded.enqueued - enqueue_volumes.enqueued)
      / greatest(extract(epoch from excluded.at - enqueue_volumes.at)::float8 / 60, 1),
    -- The mean moves by the time that passed. It takes in the minutes before, not the newest.
    usual_per_minute = enqueue_volumes.usual_per_minute
      + (enqueue_volumes.per_minute - enqueue_volumes.usual_per_minute)
      * (1 - exp(-greatest(
        extract(epoch from excluded.at - enqueue_volumes.at)::float8 / 3600, 0)))
$$;
comment on function jobforge.observe_volumes(timestamptz) is
  'Stores how many jobs were enqueued into queues that are busy or were in the last 3 minutes.';

create function jobforge.observe_schedules(p_now timestamptz)
returns void
language sql volatile
set search_path = pg_catalog, pg_temp
as $$
  insert into jobforge.schedule_missed_totals (schedule_id, missed, at)
  select counted.id, counted.missed + counted.failed,
    case when counted.missed + counted.failed > 0 then p_now end
  from public.jobforge_schedules as counted
  left join jobforge.schedule_missed_totals on schedule_missed_totals.schedule_id = counted.id
  where schedule_missed_totals.missed is distinct from counted.missed + counted.failed
  order by counted.id
  limit 5000
  -- The foreign key would wait for a transaction that deletes the schedule.
  for key share of counted skip locked
  on conflict (schedule_id) do update set missed = excluded.missed, at = p_now
$$;
comment on function jobforge.observe_schedules(timestamptz) is
  'Stores which schedules missed or failed an occurrence since the evaluation before.';
