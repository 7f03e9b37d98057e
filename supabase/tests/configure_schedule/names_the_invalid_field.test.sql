begin;
select plan(5);

select tests.refuses(
  format('select tests.schedule(%L, %L)', 's', jsonb_build_object('expression', expression)),
  'invalid_argument', expression, message)
from (values
  ('60 * * * *', '^expression: minute must be 0–59, a list, a range or a step$'),
  ('0 24 * * *', '^expression: hour must be 0–23, a list, a range or a step$'),
  ('0 0 32 * *', '^expression: day must be 1–31, a list, a range or a step$'),
  ('0 0 1 13 *', '^expression: month must be 1–12, jan–dec, a list, a range or a step$'),
  ('0 0 * * 8', '^expression: weekday must be 0–7, sun–sat, a list, a range or a step$')
) as invalid (expression, message);

select * from finish();
rollback;
