begin;
select plan(4);

select tests.unused_project();
select tests.endpoint(p_enabled => false);
select is((select disabled_reason from jobforge_connector_configs), 'disabled by an operator',
  'disabled from the start');
select tests.endpoint();
select results_eq('select enabled, disabled_reason from jobforge_connector_configs',
  'values (true, null::text)', 'enabled, and the reason is gone');
select jobforge_disable_connector(tests.tenant('acme'), id, 'it answered 410')
from jobforge_connector_configs;
select tests.endpoint(p_enabled => false);
select is((select disabled_reason from jobforge_connector_configs), 'it answered 410',
  'who disables again leaves the first reason');
select tests.endpoint();
select is((select enabled from jobforge_connector_configs), true, 'and an operator enables it');

select * from finish();
rollback;
