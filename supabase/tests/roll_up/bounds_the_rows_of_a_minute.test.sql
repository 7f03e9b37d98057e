begin;
select plan(7);

select tests.unused_project();
select tests.freeze('2030-01-01 10:05:00+00');
select jobforge.make_queue(tests.tenant(n::text), 'default') from generate_series(1, 8) as n;
create temp table queues as
  select id, row_number() over (order by id)::int as n from jobforge.queues;
-- The queue n had n attempts of each of two types, and so had all queues together.
insert into jobforge.metrics_by_minute
select id, '2030-01-01 10:00:00+00'::timestamptz, type, n, n, 0, 0, 0, 0,
  array_fill(n::bigint, array[16]), n * 10, array_fill(1::bigint, array[16]), n
from queues, unnest('{mail,pdf}'::text[]) as type
union all
select 0, '2030-01-01 10:00:00+00'::timestamptz, 'type ' || n, n, n, 0, 0, 0, 0,
  array_fill(n::bigint, array[16]), n * 10, array_fill(1::bigint, array[16]), n
from queues;
create temp table before as
  select queue_id = 0 as all_queues, sum(started) as started, sum(duration_ms) as duration_ms,
    sum(duration[16]) as longest
  from jobforge.metrics_by_minute group by 1;

select is(jobforge.bound_metrics('2030-01-01 10:01:59+00', 5), 0, 'not before it is rolled up');
select is(jobforge.bound_metrics(jobforge.clock(), 5), 14, 'eleven pairs and three types');
select bag_eq($$
  select n, type from jobforge.metrics_by_minute join queues on id = queue_id
$$, $$ values (8, 'mail'), (8, 'pdf'), (7, 'mail'), (7, 'pdf'), (6, 'mail') $$,
  'the busiest pairs of queue and type stay');
select results_eq($$
  select type, started, succeeded, duration[1], latency[1], duration_ms, latency_ms
  from jobforge.metrics_by_minute where queue_id = -1
$$, $$
  values ('_other', 36::bigint, 36::bigint, 36::bigint, 11::bigint, 360::bigint, 36::bigint)
$$, 'the rest is one row');
select results_eq($$
  select type, started from jobforge.metrics_by_minute where queue_id = 0 order by started
$$, $$ values ('type 4', 4::bigint), ('type 5', 5), ('_other', 6), ('type 6', 6), ('type 7', 7),
  ('type 8', 8) $$, 'of the types of all queues as well');
select results_eq($$
  select queue_id = 0, sum(started), sum(duration_ms), sum(duration[16])
  from jobforge.metrics_by_minute group by 1 order by 1
$$, 'select * from before order by 1', 'nothing is lost');
select is(jobforge.bound_metrics(jobforge.clock(), 5), 0, 'then it is done');

select * from finish();
rollback;
