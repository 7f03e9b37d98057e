begin;
select plan(2);

select jobforge_configure_queue(tests.tenant('acme'), 'default', '{"max_queued": 3}');
select tests.fill('acme', 3);
select tests.as_member('acme');
select tests.refuses(
  $$ select jobforge_enqueue_job(p_type => 'test.job') $$, 'queue_full', 'three is all');
select is((select count(*) from jobforge_jobs), 3::bigint, 'the refused job is not there');

select * from finish();
rollback;
