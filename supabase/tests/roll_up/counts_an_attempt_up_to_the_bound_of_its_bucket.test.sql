begin;
select plan(7);

select tests.unused_project();
select tests.start_run('worker', 1, '[{"type": "bound"}, {"type": "beyond"}]');
select tests.known('acme');
select is(jobforge.bucket_bounds(),
  '{5,10,25,50,100,250,500,1000,2500,5000,10000,30000,60000,300000,1800000}',
  'the bounds of fifteen buckets, in milliseconds');
insert into jobforge.outcome_batches (at, queue_ids, types, ends, latency_ms, duration_ms)
select now(), array_fill((tests.queue()).id, array[2]), '{bound,beyond}', '{s,s}',
  array[ms, ms + 1], array[ms, ms + 1]
from unnest(jobforge.bucket_bounds()) as ms;
insert into jobforge.outcome_batches (at, queue_ids, types, ends, latency_ms, duration_ms)
values (now(), array_fill((tests.queue()).id, array[2]), '{bound,beyond}', '{s,s}',
  '{0,1}', '{0,1}');
select jobforge.roll_up(now());
create temp table totals as select type, duration, latency from jobforge.type_totals;
select results_eq('select duration, latency from totals where type = ''bound''',
  $$ select h, h from (values ('{2,1,1,1,1,1,1,1,1,1,1,1,1,1,1,0}'::bigint[])) as v (h) $$,
  'an attempt as long as a bound is in its bucket');
select results_eq('select duration, latency from totals where type = ''beyond''',
  $$ select h, h from (values ('{1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1}'::bigint[])) as v (h) $$,
  'a longer one in the next');

-- Minutes of many types in few queues, as after queues were deleted.
insert into jobforge.metrics_by_minute
select 0, date_trunc('minute', now()) - interval '5 minutes', 'type ' || n, n, n, 0, 0, 0, 0,
  array_fill(1::bigint, array[16]), 0, array_fill(1::bigint, array[16]), 0
from generate_series(1, 8) as n;
select is(jobforge.bound_metrics(now(), 8), 0, 'eight types are as many as may stay');
select is(jobforge.bound_metrics(now(), 6), 2, 'two of eight are more');
insert into jobforge.metrics_by_minute
select 1, date_trunc('minute', now()) - interval '6 minutes', 'type ' || n, n, n, 0, 0, 0, 0,
  array_fill(1::bigint, array[16]), 0, array_fill(1::bigint, array[16]), 0
from generate_series(1, 8) as n;
select is(jobforge.bound_metrics(now(), 6), 2, 'as of eight types of the first queue');
select results_eq(
  'select type, started from jobforge.metrics_by_minute where queue_id = -1',
  $$ values ('_other', 3::bigint) $$, 'which are of no queue then');

select * from finish();
rollback;
