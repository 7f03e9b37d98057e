begin;
select plan(7);

select tests.freeze();
select tests.destination('orders');
select jobforge_configure_destination(tests.tenant('acme'), 'orders', '{"paused": true}');
select results_eq(
  'select status, reason, paused_at from jobforge_list_destinations(tests.tenant(''acme''))',
  $$ values ('paused', 'paused by hand', jobforge.clock()) $$, 'paused, with a reason');
select tests.publish();
select is(tests.open_delivery('orders', tests.newest('orders')) ->> 'paused', 'hand',
  'a delivery is held');
select is((tests.destination_state('orders')).check_at, null, 'and has no probe');
select jobforge_configure_destination(tests.tenant('acme'), 'orders', '{"paused": false}');
select results_eq(
  'select status, reason, paused_at from jobforge_list_destinations(tests.tenant(''acme''))',
  $$ values ('active', null::text, null::timestamptz) $$, 'resumed');
select is((tests.destination_state('orders')).check_at, jobforge.clock(),
  'and what was held is due');
select jobforge_configure_destination(tests.tenant('acme'), 'orders', '{"paused": false}');
select results_eq(
  $$ select action, target, detail ->> 'reason' from jobforge_audit_log
    where tenant_id = tests.tenant('acme') and action like '%destination' order by id $$,
  $$ values ('pause_destination', 'orders', 'by hand'),
    ('resume_destination', 'orders', 'by hand') $$, 'both are audited, once');
select tests.fail_until_paused('orders');
select jobforge_configure_destination(tests.tenant('acme'), 'orders', '{"paused": true}');
select is((tests.destination_state('orders')).paused_by, 'hand',
  'a pause by hand replaces that of the breaker');

select * from finish();
rollback;
