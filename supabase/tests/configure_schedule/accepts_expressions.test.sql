begin;
select plan(20);

select lives_ok(
  format('select tests.schedule(%L, %L)', 's' || n, jsonb_build_object('expression', e)), e)
from unnest(array['* * * * *', '*/5 * * * *', '0 3 * * *', '0,30 9-17 * * mon-fri',
  '0 0 1 jan,jul *', '0 0 29 2 *', '5-50/15 * * * 0-7', '1 second', '30 seconds',
  '86400 seconds', '0  3 * * *', '0 0 1,15 * SUN', '59 23 31 12 7', '0 */6 * * *',
  '0 0 * * fri-sun',
  '0 0 * * sun-tue', '5-59,0-1 * * * *', '0 0 30 2 mon', '0 0 28-31 2 *', '0 0 */31 jan *'])
  with ordinality as x (e, n);

select * from finish();
rollback;
