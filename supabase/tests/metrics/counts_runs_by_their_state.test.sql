begin;
select plan(4);

select tests.unused_project();
select tests.freeze('2030-01-02 00:00:00+00');
select tests.setup(10);
insert into jobforge.runs (state, worker, capacity, held, claimed, settled, created_at, started_at,
  lease_expires_at, ended_at, cpu_ms)
select state, worker, capacity, held, claimed, settled, now, now - interval '40 seconds',
  now + lease, now - ended, cpu
from (select jobforge.clock() as now) as clock, (values
  ('live', 'one', 10, 3, 7, 4, interval '1 second', null, null),
  ('live', 'two', 20, 5, 6, 1, '1 second', null, null),
  ('live', 'lost', 30, 8, 9, 2, '0', null, null),
  ('finished', 'three', 40, 0, 0, 0, null, interval '1 hour', 11),
  ('finished', 'yesterday', 40, 0, 0, 0, null, '24 hours', 13),
  ('lost', 'four', 50, 0, 0, 0, null, '23 hours 59 minutes', 17),
  ('lost', 'five', 50, 0, 0, 0, null, '2 hours', null),
  ('undelivered', null, 0, 0, 0, 0, null, '1 hour', null),
  ('undelivered', null, 0, 0, 0, 0, null, '2 hours', null),
  ('undelivered', null, 0, 0, 0, 0, null, '3 hours', null),
  ('refused', 'six', 60, 9, 0, 0, null, '4 hours', null),
  ('refused', 'seven', 60, 9, 0, 0, null, '4 hours', null),
  ('refused', 'eight', 60, 9, 0, 0, null, '4 hours', null),
  ('refused', 'nine', 60, 9, 0, 0, null, '4 hours', null),
  ('pending', null, 0, 0, 0, 0, null, null, null)
) as r (state, worker, capacity, held, claimed, settled, lease, ended, cpu);
select is(jobforge_metrics() -> 'runs', '{"live": 2, "pending": 1, "capacity": 60, "held": 16,
  "finished_24h": 1, "undelivered_24h": 3, "refused_24h": 4, "lost_24h": 2, "cpu_ms_24h": 28}',
  'now and in the last 24 hours');
select is(jobforge_overview() -> 'runs', jobforge_metrics() -> 'runs', 'the same in the overview');
select is(
  (select jsonb_agg(run - 'id' order by run -> 'id')
    from jsonb_array_elements(jobforge_overview() -> 'live_runs') as run),
  '[{"worker": "one", "capacity": 10, "held": 3, "claimed": 7, "settled": 4, "age_seconds": 40},
    {"worker": "two", "capacity": 20, "held": 5, "claimed": 6, "settled": 1, "age_seconds": 40}]',
  'a run whose lease has ended is not live');
delete from jobforge.runs;
select is(jobforge_metrics() -> 'runs', '{"live": 0, "pending": 0, "capacity": 0, "held": 0,
  "finished_24h": 0, "undelivered_24h": 0, "refused_24h": 0, "lost_24h": 0, "cpu_ms_24h": 0}',
  'without a run all are zero');

select * from finish();
rollback;
