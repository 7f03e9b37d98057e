begin;
select plan(3);

select tests.freeze();
select tests.schedule('hourly', '{"overlap": "allow", "catch_up": "once"}');
select tests.occur('hourly', variadic array(
  select '2030-01-01 00:00+00'::timestamptz + n * interval '1 hour'
  from generate_series(1, 150) as n));
select tests.advance('5 hours 30 minutes');
select tests.run_cron();

select is(tests.job_count(), 1, 'one job for the five that were missed');
select is((tests.scheduled('hourly')).missed, 4::bigint, 'four were not made');
select is(
  (select due_at from jobforge.schedule_jobs), '2030-01-01 05:00+00', 'it stands for the last');

select * from finish();
rollback;
