begin;
select plan(4);

select tests.freeze();
select tests.enqueue('poison', '{"max_attempts": 2}');
select tests.expire_lease('poison');
select tests.expire_lease('poison');
select is(tests.status('poison'), 'dead', 'its lease expired twice');
select jobforge_retry_job(tests.id('poison'), tests.tenant('acme'));
select is((tests.job('poison')).lease_expiries, 0, 'it is not quarantined any more');
select tests.bring('canceled', 'canceled');
select jobforge_retry_job(tests.id('canceled'), tests.tenant('acme'));
select is((tests.job('canceled')).cancel_requested_at, null, 'nor is it asked to stop');
select is((tests.job('canceled')).finished_at, null, 'nor has it ended');

select * from finish();
rollback;
