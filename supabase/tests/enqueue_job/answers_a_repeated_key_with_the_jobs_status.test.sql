begin;
select plan(1);

select tests.hold_job('once', '{"idempotency_key": "key"}');
select tests.settle('once', 'succeeded');

select results_eq(
  $$ select job_id, status, duplicate from jobforge_enqueue_job(
    tests.tenant('acme'), 'test.job', p_idempotency_key => 'key') $$,
  $$ values (tests.id('once'), 'succeeded', true) $$,
  'a key outlives its job and tells how it ended');

select * from finish();
rollback;
