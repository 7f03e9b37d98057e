begin;
select plan(12);

select tests.refuses(
  format('select jobforge_setup(%L, null, %L)', 'https://abc.supabase.co', name),
  'invalid_argument', quote_literal(name))
from unnest(array['', ' ', '1worker', '-worker', '../rest/v1', 'a/b', 'a?b=c', 'a#b', E'worker\n',
  repeat('a', 64)]) as name;
select lives_ok(
  format('select jobforge_setup(%L, null, %L)', 'https://abc.supabase.co', repeat('a', 63)),
  '63 letters');
select throws_ok($$ update jobforge.settings set worker_function = 'a/b' $$, '23514', null,
  'the table refuses them too');

select * from finish();
rollback;
