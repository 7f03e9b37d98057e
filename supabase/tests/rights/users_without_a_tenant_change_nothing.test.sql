begin;
select plan(24);

select tests.enqueue('job');
select tests.schedule('nightly');
select tests.as_stranger();
select tests.refuses(call, 'forbidden')
from unnest(array[
  $$select jobforge_enqueue_job(p_type => 'test.job')$$,
  $$select jobforge_enqueue_job(tests.tenant('acme'), 'test.job')$$,
  $$select jobforge_enqueue_jobs(p_jobs => '[{"type": "test.job"}]')$$,
  $$select jobforge_cancel_job(tests.id('job'))$$,
  $$select jobforge_retry_job(tests.id('job'))$$,
  $$select jobforge_reschedule_job(tests.id('job'), now())$$,
  $$select jobforge_explain_job(tests.id('job'))$$,
  $$select jobforge_get_job(tests.id('job'))$$,
  $$select jobforge_configure_schedule(p_name => 'a', p_settings => '{}')$$,
  $$select jobforge_delete_schedule((select id from tests.schedules))$$,
  $$select jobforge_run_schedule((select id from tests.schedules))$$,
  $$select jobforge_next_occurrences((select id from tests.schedules))$$,
  $$select jobforge_retry_jobs()$$,
  $$select jobforge_cancel_jobs(p_dry_run => false)$$,
  $$select jobforge_cancel_jobs(tests.tenant('acme'), p_dry_run => false)$$,
  $$select jobforge_list_queues()$$,
  $$select jobforge_overview()$$,
  $$select jobforge_overview(tests.tenant('acme'))$$,
  $$select jobforge_history(now() - interval '1 hour', now(), 60)$$,
  $$select jobforge_history(now() - interval '1 hour', now(), 60, tests.tenant('acme'))$$,
  $$select jobforge_set_secret(p_name => 'hook', p_value => 'one')$$,
  $$select jobforge_rotate_secret(tests.tenant('acme'), 'hook', 'one')$$,
  $$select jobforge_revoke_secret(p_name => 'hook')$$]) as call;
select is(tests.status('job'), 'queued', 'the job is as it was');

select * from finish();
rollback;
