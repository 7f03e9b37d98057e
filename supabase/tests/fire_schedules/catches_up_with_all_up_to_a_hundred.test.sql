begin;
select plan(2);

select tests.freeze();
select tests.schedule('hourly', '{"overlap": "allow", "catch_up": "all"}');
select tests.occur('hourly', variadic array(
  select '2030-01-01 00:00+00'::timestamptz + n * interval '1 hour'
  from generate_series(1, 150) as n));
select tests.advance('140 hours 30 minutes');
select tests.run_cron();

select is(tests.job_count(), 100, 'of 140 that were missed');
select is((tests.scheduled('hourly')).missed, 40::bigint, 'the oldest forty are dropped');

select * from finish();
rollback;
