begin;
select plan(3);

select tests.freeze();
select tests.enqueue('first', '{"idempotency_key": "key", "idempotency_ttl_seconds": 60}');
select tests.advance('59 seconds');
select is(
  (select duplicate from jobforge_enqueue_job(
    tests.tenant('acme'), 'test.job', p_idempotency_key => 'key')),
  true, 'until its time has passed a key stands for its job');
select tests.advance('1 second');
select is(
  (select duplicate from jobforge_enqueue_job(tests.tenant('acme'), 'test.job', '{"n": 2}',
    p_idempotency_key => 'key', p_idempotency_ttl_seconds => 60)),
  false, 'then it makes a new job, with another payload too');
select isnt(
  (select job_id from jobforge_enqueue_job(
    tests.tenant('acme'), 'test.job', '{"n": 2}', p_idempotency_key => 'key')),
  tests.id('first'), 'and stands for that one');

select * from finish();
rollback;
