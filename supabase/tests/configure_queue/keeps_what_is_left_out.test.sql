begin;
select plan(1);

select jobforge_configure_queue(tests.tenant('acme'), 'default', '{"weight": 2, "max_running": 3,
  "max_queued": 4, "rate_limit": 5, "rate_period_ms": 6000, "rate_burst": 7, "paused": true}');
select results_eq(
  $$ select weight::real, max_running::int, max_queued::int, rate_limit::int, rate_period_ms::int,
      rate_burst::int, paused
    from jobforge_configure_queue(tests.tenant('acme'), 'default', '{"max_running": 9}') $$,
  $$ values (2::real, 9, 4, 5, 6000, 7, true) $$, 'only max_running has changed');

select * from finish();
rollback;
