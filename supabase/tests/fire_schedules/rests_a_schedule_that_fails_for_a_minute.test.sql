begin;
select plan(3);

select tests.freeze();
select tests.schedule('often', '{"expression": "30 seconds"}');
select tests.advance('30 seconds');
drop function jobforge.take_due_occurrences(
  public.jobforge_schedules, timestamptz, timestamptz);
select tests.run_cron() from generate_series(1, 2);
select is((tests.scheduled('often')).failed, 1::bigint, 'the next dispatch leaves it alone');
select is((tests.scheduled('often')).last_error ->> 'code', '42883', 'the error is shown');
select tests.advance('1 minute');
select tests.run_cron();
select is((tests.scheduled('often')).failed, 2::bigint, 'a minute later it is tried again');

select * from finish();
rollback;
