begin;
select plan(2);

select tests.hold_job();
select tests.settle('job', 'failed');
select jobforge_configure_queue(tests.tenant('acme'), 'default', '{"max_queued": 1}');
select tests.fill('acme', 1);
select tests.refuses(
  $$ select jobforge_retry_job(tests.id('job'), tests.tenant('acme')) $$, 'queue_full',
  'a retried job counts like any other');
select is(tests.status('job'), 'failed', 'the job stays as it was');

select * from finish();
rollback;
