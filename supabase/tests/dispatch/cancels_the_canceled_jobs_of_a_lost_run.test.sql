begin;
select plan(1);

select tests.freeze();
select tests.hold_job();
select jobforge_cancel_job(tests.id('job'), tests.tenant('acme'));
select tests.advance('46 seconds');
select jobforge_dispatch();
select is(tests.status('job'), 'canceled', 'a job told to stop does not come back');

select * from finish();
rollback;
