begin;
select plan(6);

select tests.freeze();
select tests.hold_job();
select is(tests.settle('job', 'released') ->> 'settled', '1', 'handing back counts');
select is(tests.status('job'), 'queued', 'the job is queued');
select is((tests.job('job')).scheduled, false, 'and ready');
select is((tests.job('job')).attempts, 0, 'no attempt is spent');
select is(tests.attempts('job'), null, 'none is recorded');
select results_eq('select tests.claim()', array['job'], 'it can start again at once');

select * from finish();
rollback;
