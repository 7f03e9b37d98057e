begin;
select plan(2);

select tests.as_member('acme');
select jobforge_enqueue_job(
  p_type => 'test.job', p_payload => '{"n": 1}', p_idempotency_key => 'key');
select tests.refuses(
  $$ select jobforge_enqueue_job(p_type => 'test.job', p_payload => '{"n": 2}',
    p_idempotency_key => 'key') $$, 'idempotency_mismatch', 'the key stands for another payload');
select is((select count(*) from jobforge_jobs), 1::bigint, 'no second job was made');

select * from finish();
rollback;
