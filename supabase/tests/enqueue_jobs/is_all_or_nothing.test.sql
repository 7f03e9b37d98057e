begin;
select plan(3);

select tests.as_member('acme');
select tests.refuses($$
  select jobforge_enqueue_jobs(p_jobs => '[
    {"type": "test.job", "idempotency_key": "key"}, {"type": "test.job", "priority": 101}]')
$$, 'invalid_argument', 'one bad job refuses the batch');
select is((select count(*) from jobforge_jobs), 0::bigint, 'nothing of it is there');
select is(
  (select duplicate from jobforge_enqueue_job(
    p_type => 'test.job', p_payload => '{"n": 1}', p_idempotency_key => 'key')),
  false, 'nor are its keys');

select * from finish();
rollback;
