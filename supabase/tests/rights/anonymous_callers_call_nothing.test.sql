begin;
select plan(19);

select tests.as_anon();
select tests.denies(call)
from unnest(array[
  $$select jobforge_enqueue_job(tests.tenant('acme'), 'test.job')$$,
  $$select jobforge_enqueue_jobs(tests.tenant('acme'), '[{"type": "test.job"}]')$$,
  $$select jobforge_cancel_job(gen_random_uuid(), tests.tenant('acme'))$$,
  $$select jobforge_retry_job(gen_random_uuid(), tests.tenant('acme'))$$,
  $$select jobforge_reschedule_job(gen_random_uuid(), now(), tests.tenant('acme'))$$,
  $$select jobforge_explain_job(gen_random_uuid(), tests.tenant('acme'))$$,
  $$select jobforge_queue_stats(tests.tenant('acme'))$$,
  $$select jobforge_configure_queue(tests.tenant('acme'))$$,
  $$select jobforge_setup('https://abc.supabase.co')$$,
  $$select jobforge_dispatch()$$,
  $$select jobforge_start_run()$$,
  $$select jobforge_settle_and_claim(1)$$,
  $$select jobforge_claim_jobs(1, 1)$$,
  $$select jobforge_complete_jobs(1, '[]')$$,
  $$select jobforge_heartbeat(1)$$,
  $$select jobforge_release_jobs(1)$$,
  $$select jobforge_finish_run(1, 'drained')$$,
  $$select jobforge.tenant_ids()$$,
  $$select jobforge.claims()$$]) as call;

select * from finish();
rollback;
