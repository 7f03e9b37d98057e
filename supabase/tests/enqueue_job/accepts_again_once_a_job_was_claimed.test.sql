begin;
select plan(3);

select jobforge_configure_queue(tests.tenant('acme'), 'default', '{"max_queued": 1}');
select tests.start_run();
select tests.enqueue('first');
select tests.refuses(
  $$ select jobforge_enqueue_job(tests.tenant('acme'), 'test.job') $$, 'queue_full', 'full');
select is(tests.claim(), 'first', 'a job starts');
select lives_ok(
  $$ select jobforge_enqueue_job(tests.tenant('acme'), 'test.job') $$, 'running jobs do not count');

select * from finish();
rollback;
