begin;
select plan(5);

select tests.endpoint();
select tests.as_member('acme');
select tests.denies('select secret_refs from jobforge_connector_configs', 'not by name');
select tests.denies('select * from jobforge_connector_configs', 'not with everything');
select tests.denies(
  $$ select id from jobforge_connector_configs where 'vault:hook' = any (secret_refs) $$,
  'not by asking for them');
select tests.denies(
  'select id from jobforge_connector_configs order by secret_refs', 'not by sorting');
select results_eq(
  'select connector, name, config ->> ''scheme'', enabled from jobforge_connector_configs',
  $$ values ('webhook-verify', 'default', 'stripe', true) $$, 'the rest they read');

select * from finish();
rollback;
