begin;
select plan(5);

select tests.refuses(
  format('select jobforge_configure_queue(tests.tenant(%L), %L, %L)', 'acme', 'default', settings),
  'invalid_argument', coalesce(settings, 'SQL null'))
from unnest(array[null, 'null', '[]', '"paused"', '5']) as settings;

select * from finish();
rollback;
