begin;
select plan(8);

select jobforge_set_secret(tests.tenant('acme'), 'hook', 'one'),
  jobforge_set_secret(tests.tenant('acme'), 'revoked', 'one'),
  jobforge_set_secret(tests.tenant('globex'), 'theirs', 'one');
select jobforge_revoke_secret(tests.tenant('acme'), 'revoked');
select tests.as_member('acme');
select tests.refuses(
  format('select jobforge_rotate_secret(p_name => %L, p_value => %L)', name, 'two'), 'not_found',
  name)
from unnest('{none,revoked,theirs}'::text[]) as name;
select tests.refuses(format(
  'select jobforge_rotate_secret(p_name => %L, p_value => %L, p_overlap_seconds => %L)',
  'hook', 'two', overlap), 'invalid_argument', coalesce(overlap::text, 'null'))
from unnest(array[null, -1, 2592001]) as overlap;
select tests.refuses(
  $$ select jobforge_rotate_secret(p_name => 'Hook', p_value => 'two') $$, 'invalid_argument',
  'an invalid name');
select tests.refuses(
  $$ select jobforge_rotate_secret(p_name => 'hook') $$, 'invalid_argument', 'no value');

select * from finish();
rollback;
