begin;
select plan(1);

select tests.as_member('acme');
select jobforge_enqueue_job(
  p_type => 'test.job', p_payload => '{"n": 1}', p_idempotency_key => 'key');
select tests.as_member('globex');
select is(
  (select duplicate from jobforge_enqueue_job(
    p_type => 'test.job', p_payload => '{"n": 2}', p_idempotency_key => 'key')),
  false, 'the same key of another tenant is another job');

select * from finish();
rollback;
