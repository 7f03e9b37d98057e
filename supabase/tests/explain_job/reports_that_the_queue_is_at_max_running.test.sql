begin;
select plan(1);

select tests.start_run();
select jobforge_configure_queue(tests.tenant('acme'), 'default', '{"max_running": 1}');
select tests.enqueue_each('first', 'second');
select tests.claim();
select is(
  jobforge_explain_job(tests.id('second'), tests.tenant('acme')) ->> 'reason',
  'queue_at_max_running', 'another job of the queue is running');

select * from finish();
rollback;
