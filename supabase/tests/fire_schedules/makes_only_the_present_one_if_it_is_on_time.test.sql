begin;
select plan(1);

select tests.freeze();
select tests.schedule('hourly', '{"overlap": "allow", "catch_up": "once"}');
select tests.occur('hourly', variadic array(
  select '2030-01-01 00:00+00'::timestamptz + n * interval '1 hour'
  from generate_series(1, 150) as n));
select tests.advance('5 hours 20 seconds');
select tests.run_cron();

select is(tests.job_count(), 1, 'five hours and twenty seconds later');

select * from finish();
rollback;
