begin;
select plan(4);

select tests.as_member('acme');
select tests.refuses(
  $$ select jobforge_enqueue_job(p_type => 'test.job', p_max_attempts => 0) $$, 'invalid_argument');
select tests.refuses(
  $$ select jobforge_enqueue_job(p_type => 'test.job', p_max_attempts => -1) $$, 'invalid_argument');
select tests.refuses(
  $$ select jobforge_enqueue_job(p_type => 'test.job', p_max_attempts => 1001) $$,
  'invalid_argument');
select lives_ok(
  $$ select jobforge_enqueue_job(p_type => 'test.job', p_max_attempts => a)
    from unnest('{1,1000}'::int[]) as a $$,
  'the bounds are inside');

select * from finish();
rollback;
