begin;
select plan(7);

select tests.unused_project();
select tests.freeze('2030-01-01 10:17:00+00');
select jobforge.make_queue(tests.tenant(n::text), 'default') from generate_series(1, 3) as n;
create temp table queues as
  select id, row_number() over (order by id)::int as n from jobforge.queues;
create function pg_temp.row_of(p_queue int, p_at text, p_type text, p_n int)
returns jobforge.metrics_by_minute language sql
return row(p_queue, p_at::timestamptz, p_type, p_n, 2 * p_n, 3 * p_n, 4 * p_n, 5 * p_n, 6 * p_n,
  array_fill(7::bigint * p_n, array[16]), 8 * p_n, array_fill(9::bigint * p_n, array[16]), 10 * p_n)
  ::jobforge.metrics_by_minute;
insert into jobforge.metrics_by_minute
select r.* from queues, pg_temp.row_of(id, '2030-01-01 10:15+00', 'mail', n) as r
union all
select r.* from queues, pg_temp.row_of(id, '2030-01-01 10:16+00', 'mail', n) as r
union all
select r.* from queues, pg_temp.row_of(id, '2030-01-01 10:02+00', 'mail', n) as r
union all
select r.* from queues, pg_temp.row_of(id, '2030-01-01 10:01+00', 'mail', n) as r
union all
select r.* from pg_temp.row_of(-1, '2030-01-01 10:15+00', '_other', 100) as r
union all
select r.* from pg_temp.row_of(0, '2030-01-01 10:15+00', '_other', 1000) as r;

select is(jobforge.crowded_minutes(jobforge.clock(), 2),
  array['2030-01-01 10:02+00', '2030-01-01 10:15+00']::timestamptz[],
  'minutes of the last quarter of an hour, but not of the last two minutes');
select is(jobforge.crowded_minutes(jobforge.clock(), 3), '{}',
  'three rows are not more than three');
select is(jobforge.bound_metrics(jobforge.clock(), 2), 2, 'one row of each is beyond');
select row_eq($$ select m from jobforge.metrics_by_minute as m
    where queue_id = -1 and at = '2030-01-01 10:15+00' $$,
  row(pg_temp.row_of(-1, '2030-01-01 10:15+00', '_other', 101)), 'each number is added');
select row_eq($$ select m from jobforge.metrics_by_minute as m
    where queue_id = -1 and at = '2030-01-01 10:02+00' $$,
  row(pg_temp.row_of(-1, '2030-01-01 10:02+00', '_other', 1)), 'or is that of the first');
select bag_eq($$ select n from jobforge.metrics_by_minute join queues on id = queue_id
    where at = '2030-01-01 10:15+00' $$, '{2,3}'::int[], 'the busiest stay');

-- Of all queues, the row of other types is none of those that are counted.
insert into jobforge.metrics_by_minute
select r.* from generate_series(1, 2) as n,
  pg_temp.row_of(0, '2030-01-01 10:15+00', 'type ' || n, n) as r;
select is(jobforge.bound_metrics(jobforge.clock(), 2), 0, 'two types are not beyond two');

select * from finish();
rollback;
