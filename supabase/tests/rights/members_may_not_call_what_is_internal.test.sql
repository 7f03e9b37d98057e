begin;
select plan(31);

select tests.as_member('acme');
select tests.denies(call)
from unnest(array[
  $$select jobforge.start_run(null, null, null, 1, '[]')$$,
  $$select jobforge.settle_and_claim(1, '[]', 1, '[]', false)$$,
  $$select jobforge.claim(1, 1)$$,
  $$select jobforge.settle(1, '{}')$$,
  $$select jobforge.enqueue(tests.tenant('globex'), '{}')$$,
  $$select jobforge.configure_queue(tests.tenant('acme'), 'default', '{}')$$,
  $$select jobforge.audit('cancel_job', null, null, null)$$,
  $$select jobforge.fail('forbidden', 'x')$$,
  $$select jobforge.wake_queues('{1}')$$,
  $$select jobforge.queued(1)$$,
  $$select jobforge.call_worker('https://evil.example.com')$$,
  $$select jobforge.request_runs(1000)$$,
  $$select jobforge.dispatch()$$,
  $$select jobforge.maintain()$$,
  $$select jobforge.setup('https://evil.example.com')$$,
  $$select jobforge.erase_tenant(tests.tenant('acme'), 1)$$,
  $$select jobforge.fill_calendar('[]')$$,
  $$select jobforge.change_jobs('cancel_jobs', tests.tenant('globex'), '{}', null, 1, false)$$,
  $$select jobforge.cancel(tests.tenant('globex'), '{}')$$,
  $$select jobforge.fire_schedules(now(), 1)$$,
  $$select jobforge.seal_audit(1)$$,
  $$select jobforge.resolve_secrets(tests.tenant('acme'), '{vault:hook}')$$,
  $$select jobforge.active_secrets(tests.tenant('acme'), 'hook', now())$$,
  $$select jobforge.add_secret(tests.tenant('globex'), 'hook', 'one', now())$$,
  $$select jobforge.end_secrets(tests.tenant('globex'), 'hook', '{1}', now())$$,
  $$select jobforge.open_connector(tests.tenant('acme'), 'webhook-verify', 'default', null)$$,
  $$select jobforge.webhook_endpoint(gen_random_uuid())$$,
  $$select jobforge.receive_webhook(gen_random_uuid(), 'evt_1', '{}', null)$$,
  $$select jobforge.prune_connectors(now())$$,
  $$select jobforge.clock()$$,
  $$select jobforge.new_ticket()$$]) as call;

select * from finish();
rollback;
