begin;
select plan(6);

select tests.refuses(
  format('select jobforge_start_run(p_capacity => %L)', n), 'invalid_argument',
  coalesce(n::text, 'null'))
from unnest('{-1,0,1001,null}'::int[]) as n;
select lives_ok(format('select jobforge_start_run(p_capacity => %s)', n), format('%s is inside', n))
from unnest('{1,1000}'::int[]) as n;

select * from finish();
rollback;
