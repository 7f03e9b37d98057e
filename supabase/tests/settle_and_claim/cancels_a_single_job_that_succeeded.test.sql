begin;
select plan(2);

select tests.hold_job();
select jobforge_cancel_job(tests.id('job'), tests.tenant('acme'));
select is(tests.settle('job', 'succeeded') ->> 'settled', '1', 'the outcome counts');
select is(tests.status('job'), 'canceled', 'as that of a canceled job');

select * from finish();
rollback;
