begin;
select plan(3);

select tests.start_run();
select tests.enqueue_each('kept', 'canceled');
select tests.claim(2);
select is(jobforge_heartbeat(tests.run_id())::jsonb -> 'abort', '[]'::jsonb, 'none yet');
select jobforge_cancel_job(tests.id('canceled'), tests.tenant('acme'));
select is(
  jobforge_heartbeat(tests.run_id())::jsonb -> 'abort', jsonb_build_array(tests.id('canceled')),
  'the canceled one');
select is(
  jobforge_heartbeat(tests.run_id())::jsonb -> 'abort', jsonb_build_array(tests.id('canceled')),
  'until it has stopped');

select * from finish();
rollback;
