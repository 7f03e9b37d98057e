begin;
select plan(10);

select tests.start_run();
select tests.as_member('acme');
select tests.denies(call)
from unnest(array[
  $$select jobforge_start_run()$$,
  $$select jobforge_settle_and_claim(tests.run_id(), '[]', 10)$$,
  $$select jobforge_claim_jobs(tests.run_id(), 10)$$,
  $$select jobforge_complete_jobs(tests.run_id(), '[]')$$,
  $$select jobforge_heartbeat(tests.run_id())$$,
  $$select jobforge_release_jobs(tests.run_id())$$,
  $$select jobforge_finish_run(tests.run_id(), 'drained')$$,
  $$select jobforge_configure_queue(tests.tenant('acme'), 'default', '{"weight": 1000}')$$,
  $$select jobforge_setup('https://evil.example.com')$$,
  $$select jobforge_dispatch()$$]) as call;

select * from finish();
rollback;
