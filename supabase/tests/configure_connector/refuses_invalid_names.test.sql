begin;
select plan(11);

select tests.refuses(
  format('select tests.endpoint(p_name => %L)', name), 'invalid_argument', coalesce(name, 'null'))
from unnest(array[null, '', 'Hook', '1hook', 'a hook', 'hook;', E'hook\n',
  repeat('h', 64)]) as name;
select lives_ok(format('select tests.endpoint(p_name => %L)', name), name)
from unnest(array['h', 'a.b_c-9', repeat('h', 63)]) as name;

select * from finish();
rollback;
