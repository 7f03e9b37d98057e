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
select is(
  (tests.queue()).runnable, true, 'the queue is runnable without waiting for a dispatch');
select is((select count(*) from jobforge.wakeups), 0::bigint, 'no wake-up is left');

select * from finish();
rollback;
