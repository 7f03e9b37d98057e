begin;
select plan(4);

select jobforge_configure_queue(tests.tenant('acme'), 'default', '{"max_running": 3}');
select tests.start_run('one');
select tests.start_run('two');
select tests.fill('acme', 100);
select is((select count(*) from tests.claim(2, 'one')), 2::bigint, 'two of three');
select is(
  (select count(*) from tests.claim(50, 'two')), 1::bigint, 'the third goes to another run');
select is((select count(*) from tests.claim(50, 'one')), 0::bigint, 'and that is all');
select is(
  (select running from jobforge_list_queues(tests.tenant('acme'))), 3::bigint, 'three are running');

select * from finish();
rollback;
