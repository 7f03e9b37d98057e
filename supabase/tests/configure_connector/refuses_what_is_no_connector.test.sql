begin;
select plan(6);

select tests.refuses(format(
  'select tests.connector(%L, %L, %L)', connector, '{"hosts": ["api.example.com"]}', '{vault:a}'),
  'invalid_argument', coalesce(connector, 'null'))
from unnest(array[null, '', 'connector', 'connector.http', 'webhook_verify',
  'system.noop']) as connector;

select * from finish();
rollback;
