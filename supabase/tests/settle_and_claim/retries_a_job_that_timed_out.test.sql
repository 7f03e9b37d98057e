begin;
select plan(2);

select tests.freeze();
select tests.hold_job();
select tests.settle('job', 'timed_out');
select is(tests.status('job'), 'scheduled', 'it waits for its next attempt');
select is(tests.attempts('job'), '1 timed_out', 'the attempt says why');

select * from finish();
rollback;
