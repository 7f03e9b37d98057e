begin;
select plan(3);

select tests.as_member('acme');
select tests.refuses(
  $$ select jobforge_enqueue_job(p_type => 'test.job', p_idempotency_key => 'k',
    p_idempotency_ttl_seconds => 0) $$, 'invalid_argument', 'no time at all');
select tests.refuses(
  $$ select jobforge_enqueue_job(p_type => 'test.job', p_idempotency_key => 'k',
    p_idempotency_ttl_seconds => 31622401) $$, 'invalid_argument', 'more than 366 days');
select tests.refuses(
  $$ select jobforge_enqueue_job(p_type => 'test.job', p_idempotency_ttl_seconds => 0) $$,
  'invalid_argument', 'also without a key');

select * from finish();
rollback;
