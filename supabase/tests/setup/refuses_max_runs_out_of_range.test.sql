begin;
select plan(5);

select tests.refuses(
  format('select jobforge_setup(%L, %s)', 'https://abc.supabase.co', n), 'invalid_argument',
  n::text)
from unnest('{-1,0,101}'::int[]) as n;
select lives_ok(
  format('select jobforge_setup(%L, %s)', 'https://abc.supabase.co', n), format('%s is inside', n))
from unnest('{1,100}'::int[]) as n;

select * from finish();
rollback;
