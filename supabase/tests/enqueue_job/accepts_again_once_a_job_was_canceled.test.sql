begin;
select plan(1);

select jobforge_configure_queue(tests.tenant('acme'), 'default', '{"max_queued": 1}');
select tests.enqueue('first');
select jobforge_cancel_job(tests.id('first'), tests.tenant('acme'));
select lives_ok(
  $$ select jobforge_enqueue_job(tests.tenant('acme'), 'test.job') $$,
  'canceled jobs do not count');

select * from finish();
rollback;
