begin;
select plan(2);

select tests.setup();
select tests.start_run();
select tests.fill('acme', 1);
select tests.commit();
select tests.claim();
select tests.settle_all('succeeded');
select is(jobforge_finish_run(tests.run_id(), 'drained') ->> 'dispatched', '0', 'nothing to do');
select tests.commit();
select is(tests.call_count(), 0, 'no call');

select * from finish();
rollback;
