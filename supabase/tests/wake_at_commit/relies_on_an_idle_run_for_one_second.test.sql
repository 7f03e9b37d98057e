begin;
select plan(2);

select tests.freeze();
select tests.setup();
select tests.start_run();
select tests.claim();
select tests.advance('1 second');
select tests.fill('acme', 1);
select tests.commit();
select is(tests.call_count(), 0, 'idle for a second it will look again');
select tests.claim(10);
select tests.settle_all('succeeded');
select tests.claim(10);
select tests.advance('1001 milliseconds');
select tests.fill('acme', 1);
select tests.commit();
select is(tests.call_count(), 1, 'idle for longer it may be about to end');

select * from finish();
rollback;
