begin;
select plan(5);

select tests.unused_project();
select tests.freeze();
select tests.endpoint();
select tests.advance('1 minute');
select is(jobforge_disable_connector(tests.tenant('acme'), id, 'it answered 410'), true, 'done')
from jobforge_connector_configs;
select results_eq(
  'select enabled, disabled_reason, updated_at from jobforge_connector_configs',
  $$ values (false, 'it answered 410', jobforge.clock()) $$, 'with the reason');
select is(jobforge_disable_connector(tests.tenant('acme'), id, 'again'), false, 'it was already')
from jobforge_connector_configs;
select is((select disabled_reason from jobforge_connector_configs), 'it answered 410',
  'the first reason stays');
select is((select count(*) from jobforge_audit_log where action = 'disable_connector'), 1::bigint,
  'and is recorded once');

select * from finish();
rollback;
