begin;
select plan(2);

select tests.freeze();
select isnt(tests.connector('connector.http.request', '{"hosts": ["api.example.com"]}'), null,
  'and answers with its id');
select results_eq(
  $$ select tests.tenant_name(tenant_id), connector, name, config, secret_refs, enabled,
      disabled_reason, created_at, updated_at from jobforge_connector_configs
    where tenant_id = tests.tenant('acme') $$,
  $$ values ('acme', 'connector.http.request', 'default', '{"hosts": ["api.example.com"]}'::jsonb,
    '{}'::text[], true, null, jobforge.clock(), jobforge.clock()) $$,
  'enabled, under the name default');

select * from finish();
rollback;
