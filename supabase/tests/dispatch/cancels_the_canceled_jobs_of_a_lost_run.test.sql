begin;
select plan(1);

select tests.freeze();
select tests.start_run();
select tests.enqueue('job');
select tests.claim();
select jobforge_cancel_job(tests.id('job'), tests.tenant('acme'));
select tests.advance('46 seconds');
select jobforge_dispatch();
select is(tests.status('job'), 'canceled', 'a job told to stop does not come back');

select * from finish();
rollback;
