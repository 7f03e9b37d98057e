begin;
select plan(6);

select tests.refuses(
  format('select tests.connector(%L, %L, %L)', 'connector.http.request', config, '{vault:api}'),
  'invalid_argument', coalesce(config, 'SQL null'))
from unnest(array[null, 'null', '[]', '"hosts"', '5',
  '[{"hosts": ["api.example.com"]}]']) as config;

select * from finish();
rollback;
