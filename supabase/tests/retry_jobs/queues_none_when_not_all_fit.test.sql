begin;
select plan(2);

select tests.bring('one', 'dead');
select tests.bring('two', 'dead');
select jobforge_configure_queue(tests.tenant('acme'), 'bring-dead', '{"max_queued": 1}');
select tests.refuses(
  $$ select jobforge_retry_jobs(tests.tenant('acme'), p_dry_run => false) $$, 'queue_full');
select is(array[tests.status('one'), tests.status('two')], '{dead,dead}', 'all or none');

select * from finish();
rollback;
