begin;
select plan(1);

select tests.hold_job('job', '{"max_attempts": 5}');
select tests.settle('job', 'failed');
select jobforge_retry_job(tests.id('job'), tests.tenant('acme'));
select is((tests.job('job')).max_attempts, 6, 'one was used, five are fresh');

select * from finish();
rollback;
