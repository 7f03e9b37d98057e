begin;
select plan(2);

select tests.start_run();
select tests.enqueue_each('kept', 'canceled');
select tests.claim(2);
select is(tests.report('[]') -> 'abort', '[]'::jsonb, 'none yet');
select jobforge_cancel_job(tests.id('canceled'), tests.tenant('acme'));
select is(
  tests.report('[]') -> 'abort', jsonb_build_array(tests.id('canceled')), 'the canceled one');

select * from finish();
rollback;
