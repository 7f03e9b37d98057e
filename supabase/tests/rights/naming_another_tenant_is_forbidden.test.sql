begin;
select plan(8);

select tests.bring('theirs', 'queued', 'globex');
select tests.as_member('acme');
select tests.refuses(call, 'forbidden')
from unnest(array[
  $$select jobforge_enqueue_job(tests.tenant('globex'), 'test.job')$$,
  $$select jobforge_enqueue_jobs(tests.tenant('globex'), '[{"type": "test.job"}]')$$,
  $$select jobforge_cancel_job(tests.id('theirs'), tests.tenant('globex'))$$,
  $$select jobforge_retry_job(tests.id('theirs'), tests.tenant('globex'))$$,
  $$select jobforge_reschedule_job(tests.id('theirs'), now(), tests.tenant('globex'))$$,
  $$select jobforge_explain_job(tests.id('theirs'), tests.tenant('globex'))$$,
  $$select jobforge_queue_stats(tests.tenant('globex'))$$]) as call;
select is(tests.status('theirs'), 'queued', 'the job is as it was');

select * from finish();
rollback;
