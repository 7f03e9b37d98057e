begin;
select plan(2);

select tests.as_member('acme');
select tests.refuses($$
  select jobforge_enqueue_jobs(p_jobs => '[
    {"type": "test.job", "payload": 1, "idempotency_key": "k"},
    {"type": "test.job", "payload": 2, "idempotency_key": "k"}]')
$$, 'idempotency_mismatch', 'within one batch too');
select is((select count(*) from jobforge_jobs), 0::bigint, 'nothing of the batch is there');

select * from finish();
rollback;
