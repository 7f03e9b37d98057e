begin;
select plan(14);

select lives_ok(
  format('select tests.schedule(%L, %L)', 's' || n, jsonb_build_object('expression', e)), e)
from unnest(array['* * * * *', '*/5 * * * *', '0 3 * * *', '0,30 9-17 * * mon-fri',
  '0 0 1 jan,jul *', '0 0 29 2 *', '5-50/15 * * * 0-7', '1 second', '30 seconds',
  '86400 seconds', '0  3 * * *', '0 0 1,15 * SUN', '59 23 31 12 7', '0 */6 * * *'])
  with ordinality as x (e, n);

select * from finish();
rollback;
