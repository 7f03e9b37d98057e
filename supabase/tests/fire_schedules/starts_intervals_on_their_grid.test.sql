begin;
select plan(3);

select tests.freeze();
select tests.schedule('often', '{"expression": "20 seconds", "overlap": "allow"}');
select tests.advance('25 seconds');
select tests.run_cron();
select is(tests.job_count(), 1, 'after 20 seconds');
select is(
  (tests.scheduled('often')).next_at, '2030-01-01 00:00:40+00',
  'a late dispatch does not shift it');
select tests.advance('35 seconds');
select tests.run_cron();
select is(tests.job_count(), 3, 'two more after 60');

select * from finish();
rollback;
