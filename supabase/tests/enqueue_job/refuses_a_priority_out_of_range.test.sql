begin;
select plan(4);

select tests.as_member('acme');
select tests.refuses(
  $$ select jobforge_enqueue_job(p_type => 'test.job', p_priority => -101) $$, 'invalid_argument');
select tests.refuses(
  $$ select jobforge_enqueue_job(p_type => 'test.job', p_priority => 101) $$, 'invalid_argument');
select tests.refuses(
  $$ select jobforge_enqueue_job(p_type => 'test.job', p_priority => 2147483647) $$,
  'invalid_argument');
select lives_ok(
  $$ select jobforge_enqueue_job(p_type => 'test.job', p_priority => p) from unnest('{-100,100}'::int[]) p $$,
  'the bounds are inside');

select * from finish();
rollback;
