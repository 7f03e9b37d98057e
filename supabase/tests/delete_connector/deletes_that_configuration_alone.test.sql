begin;
select plan(4);

select tests.endpoint(), tests.endpoint(p_name => 'other'), tests.endpoint('globex');
select tests.connector('connector.http.request', '{"hosts": ["api.example.com"]}');
create temp table first as
  select id from jobforge_connector_configs
  where tenant_id = tests.tenant('acme') and connector = 'webhook-verify' and name = 'default';
select jobforge_delete_connector(tests.tenant('acme'), 'webhook-verify');
select bag_eq(
  $$ select tests.tenant_name(tenant_id), connector, name from jobforge_connector_configs
    where tests.tenant_name(tenant_id) is not null $$,
  $$ values ('acme', 'webhook-verify', 'other'), ('globex', 'webhook-verify', 'default'),
    ('acme', 'connector.http.request', 'default') $$, 'the others are there');
select tests.refuses(
  $$ select jobforge_delete_connector(tests.tenant('acme'), 'webhook-verify') $$, 'not_found',
  'once');
select tests.refuses(
  $$ select jobforge_delete_connector(null, 'webhook-verify') $$, 'not_found', 'of no tenant');
select isnt(tests.endpoint(), (select id from first), 'made again it has another id');

select * from finish();
rollback;
