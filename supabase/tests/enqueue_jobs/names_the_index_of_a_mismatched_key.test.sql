begin;
select plan(1);

select tests.as_member('acme');
select jobforge_enqueue_job(
  p_type => 'test.job', p_payload => '{"n": 1}', p_idempotency_key => 'key');
select tests.refuses($$
  select jobforge_enqueue_jobs(p_jobs => '[
    {"type": "test.job"}, {"type": "test.job", "payload": {"n": 2}, "idempotency_key": "key"}]')
$$, 'idempotency_mismatch', 'counted from 0', 'job 1\M');

select * from finish();
rollback;
