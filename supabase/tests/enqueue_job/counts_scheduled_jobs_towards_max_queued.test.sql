begin;
select plan(1);

select jobforge_configure_queue(tests.tenant('acme'), 'default', '{"max_queued": 1}');
select tests.freeze();
select tests.enqueue('later', '{"run_at": "2030-01-01T01:00:00Z"}');
select tests.refuses(
  $$ select jobforge_enqueue_job(tests.tenant('acme'), 'test.job') $$,
  'queue_full', 'the scheduled job takes the only place');

select * from finish();
rollback;
