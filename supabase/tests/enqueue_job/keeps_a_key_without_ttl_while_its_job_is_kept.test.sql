begin;
select plan(1);

select tests.freeze();
select tests.enqueue('first', '{"idempotency_key": "key"}');
select tests.advance('10 years');
select tests.maintain();
select is(
  (select job_id from jobforge_enqueue_job(
    tests.tenant('acme'), 'test.job', p_idempotency_key => 'key')),
  tests.id('first'), 'ten years later it is still the first job');

select * from finish();
rollback;
