begin;
select plan(1);

select tests.as_member('acme');
savepoint before;
select jobforge_enqueue_job(
  p_type => 'test.job', p_payload => '{"n": 1}', p_idempotency_key => 'key');
rollback to before;
select is(
  (select duplicate from jobforge_enqueue_job(
    p_type => 'test.job', p_payload => '{"n": 2}', p_idempotency_key => 'key')),
  false, 'what was rolled back leaves no key behind');

select * from finish();
rollback;
