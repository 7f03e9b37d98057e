begin;
select plan(47);

select tests.enqueue('job');
select tests.enqueue('failed', '{"priority": -1}');
select tests.as_service();
select lives_ok($$ select jobforge_enqueue_job(tests.tenant('acme'), 'a') $$, 'enqueue_job');
select lives_ok(
  $$ select jobforge_enqueue_jobs(tests.tenant('acme'), '[{"type": "a"}]') $$, 'enqueue_jobs');
select lives_ok($$ select tests.start_run() $$, 'start_run');
select lives_ok($$ select jobforge_claim_jobs(tests.run_id(), 1) $$, 'claim_jobs');
select lives_ok($$ select tests.settle('failed', 'failed') $$, 'complete_jobs');
select lives_ok($$ select jobforge_settle_and_claim(tests.run_id()) $$, 'settle_and_claim');
select lives_ok($$ select jobforge_heartbeat(tests.run_id()) $$, 'heartbeat');
select lives_ok($$ select jobforge_release_jobs(tests.run_id()) $$, 'release_jobs');
select lives_ok($$ select jobforge_finish_run(tests.run_id(), 'drained') $$, 'finish_run');
select lives_ok(
  $$ select jobforge_explain_job(tests.id('job'), tests.tenant('acme')) $$, 'explain_job');
select lives_ok(
  $$ select jobforge_reschedule_job(tests.id('job'), now(), tests.tenant('acme')) $$,
  'reschedule_job');
select lives_ok(
  $$ select jobforge_cancel_job(tests.id('job'), tests.tenant('acme')) $$, 'cancel_job');
select lives_ok(
  $$ select jobforge_retry_job(tests.id('failed'), tests.tenant('acme')) $$, 'retry_job');
select lives_ok($$ select jobforge_queue_stats(tests.tenant('acme')) $$, 'queue_stats');
select lives_ok($$ select jobforge_list_jobs() $$, 'list_jobs');
select lives_ok($$ select jobforge_list_queues() $$, 'list_queues');
select lives_ok($$ select jobforge_configure_queue(tests.tenant('acme')) $$, 'configure_queue');
select lives_ok($$ select jobforge_setup('https://abc.supabase.co') $$, 'setup');
select lives_ok($$ select jobforge_dispatch() $$, 'dispatch');
select lives_ok($$ select jobforge_configure_schedule(tests.tenant('acme'), 'nightly',
  '{"type": "a", "expression": "0 3 * * *"}') $$, 'configure_schedule');
select lives_ok($$ select jobforge_next_runs(id) from jobforge_schedules $$, 'next_runs');
select lives_ok($$ select jobforge_run_schedule(id) from jobforge_schedules $$, 'run_schedule');
select lives_ok($$ select jobforge_fill_calendar() $$, 'fill_calendar');
select lives_ok(
  $$ select jobforge_delete_schedule(id) from jobforge_schedules $$, 'delete_schedule');
select lives_ok($$ select jobforge_retry_jobs(tests.tenant('acme')) $$, 'retry_jobs');
select lives_ok($$ select jobforge_cancel_jobs(tests.tenant('acme')) $$, 'cancel_jobs');
select lives_ok(
  $$ select jobforge_cleanup(tests.tenant('acme'), 1, '{succeeded}') $$, 'cleanup');
select lives_ok($$ select jobforge_configure_retention(30, 90) $$, 'configure_retention');
select lives_ok($$ select jobforge_verify_audit() $$, 'verify_audit');
select lives_ok($$ select jobforge_metrics() $$, 'metrics');
select lives_ok($$ select jobforge_history(now() - interval '1 hour', now(), 60) $$, 'history');
select lives_ok($$ select jobforge_overview() $$, 'overview');
select lives_ok($$ select jobforge_alerts() $$, 'alerts');
select lives_ok($$ select jobforge_count_refusals('[]') $$, 'count_refusals');
select lives_ok($$ select jobforge_configure_alert('jobs_failing', '{}') $$, 'configure_alert');
select lives_ok($$ select jobforge_erase_tenant(tests.tenant('globex')) $$, 'erase_tenant');
select lives_ok($$ select jobforge_readmit_tenant(tests.tenant('globex')) $$, 'readmit_tenant');
select lives_ok($$ select jobforge_set_secret(tests.tenant('acme'), 'hook', '1') $$, 'set_secret');
select lives_ok(
  $$ select jobforge_rotate_secret(tests.tenant('acme'), 'hook', '2') $$, 'rotate_secret');
select lives_ok($$ select tests.endpoint() $$, 'configure_connector');
select lives_ok($$ select tests.open('webhook-verify') $$, 'open_connector');
select lives_ok(
  $$ select jobforge_close_host(tests.tenant('acme'), 'api.example.com', 1000) $$, 'close_host');
select lives_ok(
  $$ select jobforge_webhook_endpoint(id) from jobforge_connector_configs $$, 'webhook_endpoint');
select lives_ok($$ select tests.receive(id) from jobforge_connector_configs $$, 'receive_webhook');
select lives_ok(
  $$ select jobforge_disable_connector(tenant_id, id, 'gone') from jobforge_connector_configs $$,
  'disable_connector');
select lives_ok(
  $$ select jobforge_delete_connector(tests.tenant('acme'), 'webhook-verify') $$,
  'delete_connector');
select lives_ok($$ select jobforge_revoke_secret(tests.tenant('acme'), 'hook') $$, 'revoke_secret');

select * from finish();
rollback;
