begin;
select plan(1);

select tests.setup();
select tests.start_run('worker', 10);
select tests.fill('acme', 5);
select tests.commit();
select is(tests.call_count(), 0, 'the live run finds the jobs');

select * from finish();
rollback;
