begin;
select plan(5);

select tests.unused_project();
insert into jobforge.queue_deltas (queue_id, enqueued, returned)
values (1, 2, 0), (1, 3, -1), (2, 1, 1), (1, 0, -2);
select is(jobforge.compact_counters(1000), 4, 'all four are read');
select results_eq('select queue_id, enqueued, returned from jobforge.queue_deltas order by 1',
  'values (1, 5::bigint, -3::bigint), (2, 1, 1)', 'one row is left for each queue');
select is(jobforge.compact_counters(1000), 2, 'again');
select is(jobforge.compact_counters(1), 1, 'no more than asked for');
select results_eq('select queue_id, enqueued, returned from jobforge.queue_deltas order by 1',
  'values (1, 5::bigint, -3::bigint), (2, 1, 1)', 'and nothing changes');

select * from finish();
rollback;
