begin;
select plan(6);

select tests.refuses(format('select jobforge_history(%s)', arguments), 'invalid_argument')
from unnest(array[
  $$'2030-01-01', '2030-01-02', 59$$,
  $$'2030-01-01', '2030-01-02', 90$$,
  $$'2030-01-01', '2030-01-02', 86460$$,
  $$'2030-01-01', '2030-01-01', 60$$,
  $$'2030-01-01', null, 60$$,
  $$'2030-01-01', '2030-01-01 16:41', 60$$]) as arguments;

select * from finish();
rollback;
