-- Observations: values that alert rules compare between two evaluations.

create table jobforge.enqueue_volumes (
  queue_id int primary key,
  enqueued bigint not null,
  at timestamptz not null,
  per_minute double precision not null default 0,
  usual_per_minute double precision not null default 0
) with (fillfactor = 50);
comment on table jobforge.enqueue_volumes is
  'Jobs ever enqueued into a queue at the last look, how many a minute since the one before, and '
  'how many are usual: a mean in which the last hour counts for two thirds.';

create table jobforge.schedule_missed_totals (
  schedule_id uuid primary key references public.jobforge_schedules (id) on delete cascade,
  missed bigint not null,
  at timestamptz
);
comment on table jobforge.schedule_missed_totals is
  'Occurrences a schedule had missed or failed at the last look, and when that number last rose.';

create function jobforge.observe_volumes(p_now timestamptz)
returns void
language sql volatile
set search_path = pg_catalog, pg_temp
as $$
  insert into jobforge.enqueue_volumes as v (queue_id, enqueued, at)
  select b.queue_id, coalesce(sum(t.total), 0), p_now
  from (
    select b as queue_id from jobforge.busy_queues(1000) as b
    union
    (select distinct m.queue_id from jobforge.metrics_by_minute as m
      where m.at >= p_now - interval '3 minutes' and m.queue_id > 0 limit 1000)
  ) as b
  left join jobforge.queue_tallies as t on t.queue_id = b.queue_id and t.side = 'e'
  group by b.queue_id
  order by b.queue_id
  on conflict (queue_id) do update
  set enqueued = excluded.enqueued, at = excluded.at,
    per_minute = (excluded.enqueued - v.enqueued)
      / greatest(extract(epoch from excluded.at - v.at)::float8 / 60, 1),
    -- The mean follows by the time that passed, and what was usual before judges what is new.
    usual_per_minute = v.usual_per_minute + (v.per_minute - v.usual_per_minute)
      * (1 - exp(-extract(epoch from excluded.at - v.at)::float8 / 3600))
$$;
comment on function jobforge.observe_volumes(timestamptz) is
  'Notes how much was enqueued into queues that are busy or were a moment ago.';

create function jobforge.observe_schedules(p_now timestamptz)
returns void
language sql volatile
set search_path = pg_catalog, pg_temp
as $$
  insert into jobforge.schedule_missed_totals as m (schedule_id, missed, at)
  select s.id, s.missed + s.failed, case when s.missed + s.failed > 0 then p_now end
  from public.jobforge_schedules as s
  left join jobforge.schedule_missed_totals as k on k.schedule_id = s.id
  where k.missed is distinct from s.missed + s.failed
  order by s.id
  limit 5000
  on conflict (schedule_id) do update set missed = excluded.missed, at = p_now
$$;
comment on function jobforge.observe_schedules(timestamptz) is
  'Notes which schedules missed or failed an occurrence since the last look.';
