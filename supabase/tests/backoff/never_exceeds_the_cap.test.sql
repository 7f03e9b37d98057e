begin;
select plan(4);

select ok(
  bool_and(jobforge.backoff(n, 1000, 60000) <= interval '1 minute'), format('after attempt %s', n))
from unnest('{7,8,20,60}'::int[]) as n, generate_series(1, 50)
group by n
order by n;

select * from finish();
rollback;
