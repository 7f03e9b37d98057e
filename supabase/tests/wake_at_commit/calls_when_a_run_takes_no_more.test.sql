begin;
select plan(2);

select tests.freeze();
select tests.setup();
select tests.start_run('worker', 10);
select tests.enqueue('long', '{}', 'globex');
select tests.commit();
select tests.claim();
select tests.advance('3 seconds');
select tests.fill('acme', 1);
select tests.commit();
select is(tests.call_count(), 0, 'a run with room that asked three seconds ago will ask again');
select tests.advance('1 millisecond');
select tests.fill('initech', 1);
select tests.commit();
select is(tests.call_count(), 1, 'one that has not only finishes what it holds');

select * from finish();
rollback;
