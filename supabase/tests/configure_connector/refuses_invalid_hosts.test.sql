begin;
select plan(35);

select tests.refuses(
  format('select tests.connector(%L, %L, %L)', 'connector.http.request', config, '{vault:api}'),
  'invalid_argument', config)
from unnest(array[
  '{}', '{"hosts": []}', '{"hosts": "api.example.com"}', '{"hosts": null}', '{"hosts": [1]}',
  '{"hosts": ["api.example.com", "api.example.com"]}', '{"hosts": ["*"]}',
  '{"hosts": ["*.com"]}', '{"hosts": ["com"]}', '{"hosts": ["localhost"]}',
  '{"hosts": ["API.example.com"]}', '{"hosts": ["api.*.com"]}',
  '{"hosts": ["a*.example.com"]}', '{"hosts": ["*.*.example.com"]}',
  '{"hosts": ["*.192.0.2.1"]}', '{"hosts": ["192.0.2.256"]}', '{"hosts": ["192.0.2"]}',
  '{"hosts": ["0300.0.2.1"]}', '{"hosts": ["192.0.2.0/24"]}', '{"hosts": ["[::1]"]}',
  '{"hosts": ["api.example.com."]}', '{"hosts": ["api..example.com"]}',
  '{"hosts": [".example.com"]}', '{"hosts": ["-a.example.com"]}',
  '{"hosts": ["a_b.example.com"]}', '{"hosts": ["https://api.example.com"]}',
  '{"hosts": ["api.example.com:443"]}', '{"hosts": ["api.example.com/v1"]}',
  '{"hosts": ["me@api.example.com"]}', '{"hosts": ["api.example.com\n"]}',
  '{"hosts": ["bücher.example"]}']) as config;
select tests.refuses(
  format('select tests.connector(%L, %L)', 'connector.http.request',
    jsonb_build_object('hosts', hosts)),
  'invalid_argument', what)
from (values
  ('more than a hundred', (
    select jsonb_agg('h' || n || '.example.com') from generate_series(1, 101) as n)),
  ('a label that is too long', jsonb_build_array(repeat('a', 64) || '.example.com')),
  ('a name that is too long', jsonb_build_array(repeat(repeat('a', 60) || '.', 5) || 'com')))
  as invalid (what, hosts);
select is_empty($$ select from jobforge_connector_configs where tenant_id = tests.tenant('acme') $$,
  'nothing is made');

select * from finish();
rollback;
