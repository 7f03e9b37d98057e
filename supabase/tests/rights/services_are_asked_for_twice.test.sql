begin;
select plan(27);

-- Behind the grants a second lock: whoever is let in by mistake is still no service.
grant execute on all functions in schema jobforge to authenticated;
grant execute on all functions in schema public to authenticated;
select tests.start_run();
select tests.as_member('acme');
select tests.refuses(call, 'forbidden')
from unnest(array[
  $$select jobforge_start_run()$$,
  $$select jobforge_settle_and_claim(tests.run_id(), '[]', 10)$$,
  $$select jobforge_heartbeat(tests.run_id())$$,
  $$select jobforge_release_jobs(tests.run_id())$$,
  $$select jobforge_finish_run(tests.run_id(), 'drained')$$,
  $$select jobforge_configure_queue(tests.tenant('acme'))$$,
  $$select jobforge_setup('https://evil.example.com')$$,
  $$select jobforge_configure_connector(tests.tenant('acme'), 'webhook-verify')$$,
  $$select jobforge_delete_connector(tests.tenant('acme'), 'webhook-verify')$$,
  $$select jobforge_open_connector(tests.tenant('acme'), 'webhook-verify', 'default')$$,
  $$select jobforge_close_host(tests.tenant('acme'), 'api.example.com', 1000)$$,
  $$select jobforge_disable_connector(tests.tenant('acme'), gen_random_uuid(), 'gone')$$,
  $$select jobforge_webhook_endpoint(gen_random_uuid())$$,
  $$select jobforge_receive_webhook(gen_random_uuid(), 'evt_1', '{}')$$,
  $$select jobforge_dispatch()$$,
  $$select jobforge_configure_schedule(null, 'a', '{}', true)$$,
  $$select jobforge_fill_calendar()$$,
  $$select jobforge_cleanup(tests.tenant('acme'), 1, '{succeeded}')$$,
  $$select jobforge_configure_retention(1, 1)$$,
  $$select jobforge_erase_tenant(tests.tenant('acme'))$$,
  $$select jobforge_readmit_tenant(tests.tenant('acme'))$$,
  $$select jobforge_verify_audit()$$,
  $$select jobforge_metrics()$$,
  $$select jobforge_alerts()$$,
  $$select jobforge_count_refusals('[]')$$,
  $$select jobforge_configure_alert('jobs_failing', '{}')$$,
  $$select jobforge.maintain()$$]) as call;

select * from finish();
rollback;
