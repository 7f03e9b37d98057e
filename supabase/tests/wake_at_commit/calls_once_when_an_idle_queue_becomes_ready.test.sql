begin;
select plan(5);

select tests.setup();
select tests.fill('acme', 1);
select tests.fill('acme', 50);
select is(tests.call_count(), 0, 'nothing before commit');
select tests.commit();
select is(tests.call_count(), 1, 'one call for the transaction');
select tests.fill('acme', 50);
select tests.commit();
select is(tests.call_count(), 1, 'none for jobs that follow');
select tests.start_run();
select is(
  (select count(*) from tests.claim(200)), 101::bigint, 'the run finds all without a dispatch');
select is((select count(*) from jobforge.wakeups), 0::bigint, 'no wake-up is left');

select * from finish();
rollback;
