begin;
select plan(18);

select tests.refuses(
  format('select tests.schedule(%L, %L)', 's', jsonb_build_object('expression', e)),
  'invalid_argument', e)
from unnest(array['', '* * * *', '* * * * * *', '60 * * * *', '0 24 * * *', '0 0 32 * *',
  '0 0 1 13 *', '0 0 * * 8', '0 0 * * foo', '0 0 * mon *', '*/0 * * * *',
  '0; drop table x * * *', '0 seconds', '86401 seconds', '1.5 seconds', '10 minutes', '@daily',
  '1,,2 * * * *']) as e;

select * from finish();
rollback;
