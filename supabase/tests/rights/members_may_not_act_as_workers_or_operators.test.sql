begin;
select plan(27);

select tests.start_run();
select tests.as_member('acme');
select throws_ok(
  format('select %s(%s)', function, arguments), '42501',
  'permission denied for function ' || function)
from (values
  ('jobforge_start_run', ''),
  ('jobforge_settle_and_claim', $$tests.run_id(), '[]', 10$$),
  ('jobforge_claim_jobs', 'tests.run_id(), 10'),
  ('jobforge_complete_jobs', $$tests.run_id(), '[]'$$),
  ('jobforge_heartbeat', 'tests.run_id()'),
  ('jobforge_release_jobs', 'tests.run_id()'),
  ('jobforge_finish_run', $$tests.run_id(), 'drained'$$),
  ('jobforge_configure_queue', $$tests.tenant('acme'), 'default', '{"weight": 1000}'$$),
  ('jobforge_setup', $$'https://evil.example.com'$$),
  ('jobforge_fill_calendar', ''),
  ('jobforge_cleanup', $$tests.tenant('acme'), 1, '{succeeded}'$$),
  ('jobforge_configure_retention', '1, 1'),
  ('jobforge_erase_tenant', $$tests.tenant('acme')$$),
  ('jobforge_readmit_tenant', $$tests.tenant('acme')$$),
  ('jobforge_verify_audit', ''),
  ('jobforge_metrics', ''),
  ('jobforge_alerts', ''),
  ('jobforge_count_refusals', $$'[]'$$),
  ('jobforge_configure_alert', $$'jobs_failing', '{}'$$),
  ('jobforge_configure_connector', $$tests.tenant('acme'), 'webhook-verify'$$),
  ('jobforge_delete_connector', $$tests.tenant('acme'), 'webhook-verify'$$),
  ('jobforge_open_connector', $$tests.tenant('acme'), 'webhook-verify', 'default'$$),
  ('jobforge_close_host', $$tests.tenant('acme'), 'api.example.com', 1000$$),
  ('jobforge_disable_connector', $$tests.tenant('acme'), gen_random_uuid(), 'gone'$$),
  ('jobforge_webhook_endpoint', 'gen_random_uuid()'),
  ('jobforge_receive_webhook', $$gen_random_uuid(), 'evt_1', '{}'$$),
  ('jobforge_dispatch', '')) as f (function, arguments);

select * from finish();
rollback;
