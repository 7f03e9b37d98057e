begin;
select plan(4);

select tests.freeze();
select tests.setup();
select tests.schedule('nightly');
create temp table made as select tests.call_count() as calls;
select tests.advance('10 seconds');
select tests.run_cron();
select is(tests.call_count(), (select calls + 1 from made), 'the dispatcher calls it');
select tests.advance('10 seconds');
select tests.run_cron();
select is(tests.call_count(), (select calls + 1 from made), 'but not each time');
select tests.advance('6 minutes');
select tests.run_cron();
select is(tests.call_count(), (select calls + 2 from made), 'again after five minutes');
select tests.occur('nightly', '2030-01-02 03:00+00', '2030-01-03 03:00+00');
select tests.advance('6 minutes');
select tests.run_cron();
select is(tests.call_count(), (select calls + 2 from made), 'and not when it is filled');

select * from finish();
rollback;
