begin;
select plan(12);

select tests.destination('orders');
select tests.refuses(format('select jobforge_configure_destination(%L, %L, %L)',
  tests.tenant('acme'), 'orders', settings), code, settings)
from (values ('[]', 'invalid_argument'), ('null', 'invalid_argument'),
  ('{"uri": 1}', 'invalid_argument'), ('{"paused": "yes"}', 'invalid_argument'),
  ('{"paused": null}', 'invalid_argument'), ('{"secret": 1}', 'invalid_argument'),
  ('{"secret": "other"}', 'not_found'), ('{"url": null}', 'invalid_argument'),
  ('{"url": "https://user@hooks.example.com/"}', 'invalid_argument'),
  ('{"enabled": false}', 'invalid_argument'),
  ('{"headers": {"authorization": "Bearer a"}}', 'invalid_argument')) as given (settings, code);
select tests.refuses(format('select jobforge_configure_destination(%L, %L, %L)',
  tests.tenant('acme'), 'orders', jsonb_build_object('url', repeat('a', 65536))),
  'invalid_argument', 'too long');

select * from finish();
rollback;
