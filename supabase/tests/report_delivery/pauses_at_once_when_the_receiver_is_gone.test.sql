begin;
select plan(6);

select tests.freeze();
select tests.destination('orders');
select tests.publish();
select tests.answer('orders', tests.newest('orders'), 410);
select results_eq(
  'select status, reason from jobforge_list_destinations(tests.tenant(''acme''))',
  $$ values ('paused', 'the receiver answered 410 Gone') $$, 'paused');
select is((tests.destination_state('orders')).probe_job_id, null, 'without a probe');
select is((tests.destination_state('orders')).check_at, null, 'nor another one later');
select tests.answer('orders', tests.send_test_event('orders'), 200);
select is((select status from jobforge_list_destinations(tests.tenant('acme'))), 'active',
  'a test event that arrives resumes it');
select jobforge_configure_destination(tests.tenant('acme'), 'orders', '{"paused": true}');
select tests.answer('orders', tests.newest('orders'), 410);
select is((tests.destination_state('orders')).paused_by, 'hand', 'a pause by hand stays one');
select tests.answer('orders', tests.newest('orders'), 200);
select is((tests.destination_state('orders')).paused_by, 'hand', 'also when something arrives');

select * from finish();
rollback;
