begin;
select plan(3);

select tests.as_member('acme');
select tests.refuses(
  $$ select jobforge_enqueue_job(p_type => 'test.job', p_idempotency_key => '') $$,
  'invalid_argument', 'an empty key');
select tests.refuses(
  $$ select jobforge_enqueue_job(p_type => 'test.job', p_idempotency_key => repeat('k', 201)) $$,
  'invalid_argument', 'a key of 201 characters');
select lives_ok(
  $$ select jobforge_enqueue_job(p_type => 'test.job', p_idempotency_key => repeat('ß', 200)) $$,
  '200 characters are fine, however many bytes they take');

select * from finish();
rollback;
