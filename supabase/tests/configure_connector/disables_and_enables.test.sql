begin;
select plan(2);

select tests.unused_project();
select tests.endpoint(p_enabled => false);
select is((select disabled_reason from jobforge_connector_configs), 'disabled by an operator',
  'disabled from the start');
select tests.endpoint();
select results_eq('select enabled, disabled_reason from jobforge_connector_configs',
  'values (true, null::text)', 'enabled, and the reason is gone');

select * from finish();
rollback;
