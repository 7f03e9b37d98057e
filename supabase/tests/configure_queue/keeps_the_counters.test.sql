begin;
select plan(1);

select tests.start_run();
select tests.fill('acme', 10);
select tests.claim(4);
select jobforge_configure_queue(tests.tenant('acme'), 'default', '{"weight": 5}');
select results_eq(
  $$ select queued, running from jobforge_list_queues(tests.tenant('acme')) $$,
  $$ values (6::bigint, 4::bigint) $$, 'six queued and four running, as before');

select * from finish();
rollback;
