begin;
select plan(5);

select tests.start_run();
select tests.refuses(
  format('select jobforge_claim_jobs(tests.run_id(), 1, %L)', n), 'invalid_argument',
  coalesce(n::text, 'null'))
from unnest('{-1,67108865,null}'::int[]) as n;
select lives_ok(
  format('select jobforge_claim_jobs(tests.run_id(), 1, %s)', n), format('%s is inside', n))
from unnest('{0,67108864}'::int[]) as n;

select * from finish();
rollback;
