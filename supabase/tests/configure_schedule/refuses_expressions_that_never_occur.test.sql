begin;
select plan(12);

select tests.refuses(
  format('select tests.schedule(%L, %L)', 's', jsonb_build_object('expression', expression)),
  'invalid_argument', expression, message)
from (values
  ('5-1 * * * *', '^expression: minute 5-1 must be a range that goes up: write 5-59,0-1$'),
  ('0 22-2 * * *', '^expression: hour 22-2 must be a range that goes up: write 22-23,0-2$'),
  ('0 0 28-3 * *', '^expression: day 28-3 must be a range that goes up: write 28-31,1-3$'),
  ('0 0 * dec-jan *', '^expression: month dec-jan must be a range that goes up: write 12-12,1-1$'),
  ('0 0 * * FRI-mon', '^expression: weekday fri-mon must be a range that goes up: write 5-6,0-1$'),
  ('5/15 * * * *', '^expression: minute 5/15 must have a range before its step: write 5-59/15$'),
  ('0 0 * * mon/2', '^expression: weekday mon/2 must have a range before its step: write 1-7/2$'),
  ('0 0 30 2 *', '^expression: day must be a day of the month: no month of 2 has a day of 30$'),
  ('0 0 31 apr,jun,9,11 *', 'no month of apr,jun,9,11 has a day of 31$'),
  ('0 0 0 * *', '^expression: day must be 1–31, a list, a range or a step$'),
  ('0 0 1 0 *', '^expression: month must be 1–12, jan–dec, a list, a range or a step$'),
  ('*/60 * * * *', '^expression: minute must be 0–59, a list, a range or a step$')
) as invalid (expression, message);

select * from finish();
rollback;
