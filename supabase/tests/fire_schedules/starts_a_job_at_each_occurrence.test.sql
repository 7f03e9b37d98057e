begin;
select plan(5);

select tests.freeze();
select tests.schedule('nightly', '{"payload": {"a": 1}}');
select tests.occur('nightly', '2030-01-01 03:00+00', '2030-01-02 03:00+00');
select tests.advance('3 hours' - interval '1 second');
select tests.run_cron();
select is(tests.job_count(), 0, 'not before');
select tests.advance('9 seconds');
select tests.run_cron();
select is(tests.job_count(), 1, 'at the next dispatch');
select is((select payload from jobforge_jobs), '{"a": 1}', 'with its payload');
select is((tests.scheduled('nightly')).next_at, '2030-01-02 03:00+00', 'the next is set');
select is((tests.scheduled('nightly')).last_at, '2030-01-01 03:00+00', 'and the last is kept');

select * from finish();
rollback;
