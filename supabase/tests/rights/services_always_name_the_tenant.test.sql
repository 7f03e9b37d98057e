begin;
select plan(10);

select tests.enqueue('job');
select tests.as_service();
select tests.refuses(call, 'invalid_argument')
from unnest(array[
  $$select jobforge_enqueue_job(p_type => 'test.job')$$,
  $$select jobforge_enqueue_jobs(p_jobs => '[{"type": "test.job"}]')$$,
  $$select jobforge_cancel_job(tests.id('job'))$$,
  $$select jobforge_retry_job(tests.id('job'))$$,
  $$select jobforge_reschedule_job(tests.id('job'), now())$$,
  $$select jobforge_explain_job(tests.id('job'))$$,
  $$select jobforge_get_job(tests.id('job'))$$,
  $$select jobforge_set_secret(p_name => 'hook', p_value => 'one')$$,
  $$select jobforge_rotate_secret(p_name => 'hook', p_value => 'one')$$,
  $$select jobforge_revoke_secret(p_name => 'hook')$$]) as call;

select * from finish();
rollback;
