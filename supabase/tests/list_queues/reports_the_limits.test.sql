begin;
select plan(1);

select jobforge_configure_queue(tests.tenant('acme'), 'default', '{"weight": 2, "max_running": 3,
  "max_queued": 4, "rate_limit": 5, "rate_period_ms": 6000, "rate_burst": 7, "paused": true}');
select tests.as_member('acme');
select results_eq(
  'select tenant_id, queue, weight, max_running, max_queued, rate_limit, rate_period_ms, rate_burst,
    paused from jobforge_list_queues()',
  $$ values (tests.tenant('acme'), 'default', 2::real, 3, 4, 5, 6000, 7, true) $$, 'as configured');

select * from finish();
rollback;
