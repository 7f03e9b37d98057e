begin;
select plan(12);

select lives_ok(
  format('select jobforge_configure_queue(tests.tenant(%L), %L, %L)', 'acme', 'default', settings),
  settings)
from unnest(array['{"weight": 0.001}', '{"weight": 1000}', '{"max_running": 0}',
  '{"max_queued": 2147483647}', '{"rate_limit": 10, "rate_period_ms": 1}',
  '{"rate_limit": 1, "rate_period_ms": 86400000, "rate_burst": 366}',
  '{"rate_limit": null, "rate_burst": 2147483647}']) as settings;
select tests.refuses(
  format('select jobforge_configure_queue(tests.tenant(%L), %L, %L)', 'globex', 'default',
    settings), 'invalid_argument', settings)
from unnest(array['{"weight": 0.0009}', '{"rate_limit": 11, "rate_period_ms": 1}',
  '{"rate_limit": 1, "rate_period_ms": 86400000, "rate_burst": 367}']) as settings;
select tests.refuses($$ select jobforge_configure_queue(tests.tenant('acme'), 'default',
  jsonb_build_object('paused', repeat('x', 4097))) $$, 'invalid_argument', 'more than 4096 bytes');
select is_empty($$ select from jobforge_queues where tenant_id = tests.tenant('globex') $$,
  'what is refused makes no queue');

select * from finish();
rollback;
