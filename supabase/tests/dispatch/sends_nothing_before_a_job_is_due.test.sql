begin;
select plan(2);

select tests.freeze();
select tests.setup();
select tests.enqueue('later', '{"run_at": "2030-01-01T00:00:10Z"}');
select tests.commit();
select is(jobforge_dispatch(), 0, 'the job is not due');
select tests.advance('10 seconds');
select is(jobforge_dispatch(), 1, 'now it is');

select * from finish();
rollback;
