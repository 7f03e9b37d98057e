begin;
select plan(40);

select tests.as_anon();
select throws_ok(
  format('select %s(%s)', function, arguments), '42501',
  'permission denied for function ' || function)
from (values
  ('jobforge_enqueue_job', $$tests.tenant('acme'), 'test.job'$$),
  ('jobforge_enqueue_jobs', $$tests.tenant('acme'), '[{"type": "test.job"}]'$$),
  ('jobforge_cancel_job', $$gen_random_uuid(), tests.tenant('acme')$$),
  ('jobforge_retry_job', $$gen_random_uuid(), tests.tenant('acme')$$),
  ('jobforge_reschedule_job', $$gen_random_uuid(), now(), tests.tenant('acme')$$),
  ('jobforge_explain_job', $$gen_random_uuid(), tests.tenant('acme')$$),
  ('jobforge_queue_stats', $$tests.tenant('acme')$$),
  ('jobforge_configure_queue', $$tests.tenant('acme')$$),
  ('jobforge_setup', $$'https://abc.supabase.co'$$),
  ('jobforge_set_secret', $$tests.tenant('acme'), 'hook', 'one'$$),
  ('jobforge_rotate_secret', $$tests.tenant('acme'), 'hook', 'one'$$),
  ('jobforge_revoke_secret', $$tests.tenant('acme'), 'hook'$$),
  ('jobforge_configure_connector', $$tests.tenant('acme'), 'webhook-verify'$$),
  ('jobforge_delete_connector', $$tests.tenant('acme'), 'webhook-verify'$$),
  ('jobforge_open_connector', $$tests.tenant('acme'), 'webhook-verify', 'default'$$),
  ('jobforge_close_host', $$tests.tenant('acme'), 'api.example.com', 1000$$),
  ('jobforge_disable_connector', $$tests.tenant('acme'), gen_random_uuid(), 'gone'$$),
  ('jobforge_webhook_endpoint', 'gen_random_uuid()'),
  ('jobforge_receive_webhook', $$gen_random_uuid(), 'evt_1', '{}'$$),
  ('jobforge_dispatch', ''),
  ('jobforge_start_run', ''),
  ('jobforge_settle_and_claim', '1'),
  ('jobforge_claim_jobs', '1, 1'),
  ('jobforge_complete_jobs', $$1, '[]'$$),
  ('jobforge_heartbeat', '1'),
  ('jobforge_release_jobs', '1'),
  ('jobforge_configure_schedule', $$tests.tenant('acme'), 'a'$$),
  ('jobforge_delete_schedule', 'gen_random_uuid()'),
  ('jobforge_run_schedule', 'gen_random_uuid()'),
  ('jobforge_next_runs', 'gen_random_uuid()'),
  ('jobforge_retry_jobs', $$tests.tenant('acme')$$),
  ('jobforge_cancel_jobs', $$tests.tenant('acme')$$),
  ('jobforge_fill_calendar', ''),
  ('jobforge_cleanup', $$tests.tenant('acme'), 1, '{succeeded}'$$),
  ('jobforge_configure_retention', '1, 1'),
  ('jobforge_erase_tenant', $$tests.tenant('acme')$$),
  ('jobforge_readmit_tenant', $$tests.tenant('acme')$$),
  ('jobforge_verify_audit', ''),
  ('jobforge_finish_run', $$1, 'drained'$$)) as f (function, arguments);
select throws_ok(
  'select jobforge.tenant_ids()', '42501', 'permission denied for schema jobforge',
  'nor anything in the internal schema');

select * from finish();
rollback;
