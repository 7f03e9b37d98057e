begin;
select plan(1);

select tests.freeze();
select tests.setup();
select tests.start_run();
select tests.advance('46 seconds');
select tests.fill('acme', 1);
select tests.commit();
select is(tests.call_count(), 1, 'a run that is not heard of does not count');

select * from finish();
rollback;
