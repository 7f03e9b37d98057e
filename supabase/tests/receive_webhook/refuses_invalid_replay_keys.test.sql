begin;
select plan(7);

create temp table made as select tests.endpoint() as id;
select tests.refuses(
  format('select tests.receive(id, %L) from made', key), 'invalid_argument',
  coalesce(left(key, 20), 'null'))
from unnest(array[null, '', 'a b', E'a\n', 'ä', repeat('k', 201)]) as key;
select lives_ok(format('select tests.receive(id, %L) from made', repeat('k', 200)), 'that long');

select * from finish();
rollback;
