begin;
select plan(4);

select tests.unused_project();
select tests.freeze();
select tests.fill('acme', 150);
select tests.fill('acme', 30, '{"run_at": "2030-01-01T01:00:00Z"}');
select tests.fill('globex', 1);
select tests.fill('initech', 1);
select is(
  (select row(ready, scheduled)::text from jobforge.queue_states(null, 10, jobforge.clock())
    where queue_id = (tests.queue()).id), '(150,30)', 'each is counted once');
select is(
  (select count(*) from jobforge.ready_queues(2)), 2::bigint, 'as many queues as asked for');
select is(
  (select count(*) from jobforge.ready_queues(10)), 3::bigint, 'and no more than there are');
select jobforge_configure_queue(tests.tenant('hooli'), 'empty');
select is(
  (select row(ready, scheduled, running)::text from jobforge.queue_states(
    array[tests.tenant('hooli')], 10, jobforge.clock()) where queue = 'empty'),
  '(0,0,0)', 'a queue that never had a job has none');

select * from finish();
rollback;
