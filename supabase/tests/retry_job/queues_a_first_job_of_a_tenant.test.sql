begin;
select plan(5);

insert into tests.named_jobs (name, tenant_id, id)
select 'first', tests.tenant('acme'), e.job_id
from jobforge_enqueue_job(tests.tenant('acme'), 'test.job') as e;
select jobforge_cancel_job(tests.id('first'), tests.tenant('acme'));
select pg_sleep(0.001);
select jobforge_retry_job(tests.id('first'), tests.tenant('acme'));
select is(
  (select count(*) from jobforge.queues where tenant_id = tests.tenant('acme')), 0::bigint,
  'no claim has made the queue of the tenant yet');
select is(tests.status('first'), 'queued', 'a job that was retried is queued');
select jobforge_reschedule_job(
  tests.id('first'), clock_timestamp() + interval '1 hour', tests.tenant('acme'));
select is(tests.status('first'), 'scheduled', 'one that was moved later is scheduled');
select jobforge_reschedule_job(tests.id('first'), clock_timestamp(), tests.tenant('acme'));
select is(tests.status('first'), 'queued', 'one that was moved to now is queued');
select tests.start_run();
select is(array(select tests.claim(10)), '{first}', 'and starts');

select * from finish();
rollback;
