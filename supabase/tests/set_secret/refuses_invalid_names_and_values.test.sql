begin;
select plan(13);

select tests.as_member('acme');
select tests.refuses(
  format('select jobforge_set_secret(p_name => %L, p_value => %L)', name, 'v'), 'invalid_argument',
  coalesce(name, 'null'))
from unnest(array[null, '', 'Hook', '1hook', 'a.b', 'a/b', '../x', E'hook\n',
  repeat('h', 64)]) as name;
select tests.refuses(
  format('select jobforge_set_secret(p_name => %L, p_value => %L)', 'hook', value),
  'invalid_argument',
  coalesce(left(value, 10), 'no') || ' value')
from unnest(array[null, '', repeat('v', 8193)]) as value;
select lives_ok(
  $$ select jobforge_set_secret(p_name => 'a-b_9', p_value => repeat('v', 8192)) $$,
    'that much fits');

select * from finish();
rollback;
