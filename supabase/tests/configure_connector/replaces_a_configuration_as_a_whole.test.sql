begin;
select plan(3);

select tests.freeze();
create temp table first as
  select tests.connector('connector.http.request',
    '{"hosts": ["api.example.com"], "redirects": 2}', '{vault:api}') as id;
select tests.advance('1 hour');
select is(tests.connector('connector.http.request', '{"hosts": ["www.example.com"]}'),
  (select id from first), 'the id stays');
select results_eq(
  $$ select config, secret_refs, updated_at - created_at from jobforge_connector_configs
    where tenant_id = tests.tenant('acme') $$,
  $$ values ('{"hosts": ["www.example.com"]}'::jsonb, '{}'::text[], interval '1 hour') $$,
  'of the rest only the time it was made');
select isnt(
  tests.connector('connector.http.request', '{"hosts": ["www.example.com"]}', p_name => 'other'),
  (select id from first), 'another name is another configuration');

select * from finish();
rollback;
