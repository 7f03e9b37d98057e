begin;
select plan(2);

select tests.as_member('acme');
select tests.refuses(
  $$ select jobforge_enqueue_job(p_type => 'test.job', p_traceparent => repeat('0', 129)) $$,
  'invalid_argument', '129 characters');
select lives_ok(
  $$ select jobforge_enqueue_job(p_type => 'test.job', p_traceparent => repeat('0', 128)) $$,
  '128 characters are fine');

select * from finish();
rollback;
