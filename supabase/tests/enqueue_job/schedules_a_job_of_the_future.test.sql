begin;
select plan(3);

select tests.freeze();
select tests.enqueue('later', '{"run_at": "2030-01-01T01:00:00Z"}');

select is((tests.job('later')).scheduled, true, 'it is scheduled');
select is(tests.status('later'), 'scheduled', 'and scheduled');
select is((tests.job('later')).run_at, '2030-01-01 01:00+00'::timestamptz, 'for its time');

select * from finish();
rollback;
