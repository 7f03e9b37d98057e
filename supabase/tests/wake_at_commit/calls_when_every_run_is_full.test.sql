begin;
select plan(1);

select tests.setup();
select tests.start_run('worker', 2);
select tests.fill('acme', 2);
select tests.claim(2);
select tests.fill('globex', 1);
select tests.commit();
select is(tests.call_count(), 1, 'a run that holds all it can is no help');

select * from finish();
rollback;
