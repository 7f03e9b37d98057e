begin;
select plan(3);

select tests.setup();
select tests.start_run();
select tests.fill('acme', 150);
select tests.claim(50);
select is(
  jobforge_finish_run(tests.run_id(), 'cpu') ->> 'dispatched', '2',
  'two runs for the 150 jobs that wait now');
select is(tests.call_count(), 2, 'two calls');
select tests.commit();
select is(tests.call_count(), 2, 'and no more at commit');

select * from finish();
rollback;
