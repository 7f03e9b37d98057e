begin;
select plan(3);

select tests.freeze();
select tests.schedule('hourly', '{"overlap": "allow", "catch_up": "skip"}');
select tests.occur('hourly', variadic array(
  select '2030-01-01 00:00+00'::timestamptz + n * interval '1 hour'
  from generate_series(1, 150) as n));
select tests.advance('5 hours 30 minutes');
select tests.run_cron();

select is(tests.job_count(), 0, 'five were missed');
select is((tests.scheduled('hourly')).missed, 5::bigint, 'and counted');
select tests.advance('30 minutes 20 seconds');
select tests.run_cron();
select is(tests.job_count(), 1, 'the next comes on time');

select * from finish();
rollback;
