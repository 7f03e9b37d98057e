begin;
select plan(12);

select ok(
  bool_and(jobforge.backoff(n, 1000, 3600000)
    between make_interval(secs => 2 ^ (n - 1) / 2) and make_interval(secs => 2 ^ (n - 1))),
  format('after attempt %s', n))
from generate_series(1, 10) as n, generate_series(1, 200)
group by n
order by n;
select cmp_ok(
  (select count(distinct jobforge.backoff(5, 1000, 3600000)) from generate_series(1, 100)), '>',
  50::bigint, 'the wait differs from time to time');
select ok(
  (select max(w) > interval '14 s' and min(w) < interval '10 s'
    from (select jobforge.backoff(5, 1000, 3600000) as w from generate_series(1, 1000)) as waits),
  'over the whole range');

select * from finish();
rollback;
