begin;
select plan(2);

select ok(
  jobforge.backoff(n, 1000, 60000) between interval '0.5 s' and interval '1 s',
  format('attempt %s counts as the first', n))
from unnest('{0,-5}'::int[]) as n;

select * from finish();
rollback;
