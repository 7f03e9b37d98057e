begin;
select plan(21);

select tests.refuses(
  format('select jobforge_configure_queue(tests.tenant(%L), %L, %L)', 'acme', 'default', settings),
  'invalid_argument', settings)
from unnest(array['{"weight": 0}', '{"weight": -1}', '{"weight": 1001}', '{"weight": null}',
  '{"weight": "heavy"}', '{"weight": "NaN"}', '{"weight": "Infinity"}', '{"max_running": -1}',
  '{"max_running": 1.5}', '{"max_running": 1e10}', '{"max_queued": -1}', '{"rate_limit": 0}',
  '{"rate_limit": -1}', '{"rate_period_ms": 0}', '{"rate_period_ms": 86400001}',
  '{"rate_period_ms": null}', '{"rate_burst": 0}', '{"rate_burst": null}', '{"paused": null}',
  '{"paused": "maybe"}']) as settings;
select is_empty($$ select from jobforge_queues where tenant_id = tests.tenant('acme') $$,
  'nothing is made');

select * from finish();
rollback;
