begin;
select plan(3);

select tests.as_member('acme');
select tests.refuses(
  $$ select jobforge_enqueue_job(p_type => 'test.job', p_timeout_ms => 99) $$, 'invalid_argument');
select tests.refuses(
  $$ select jobforge_enqueue_job(p_type => 'test.job', p_timeout_ms => 86400001) $$,
  'invalid_argument');
select lives_ok(
  $$ select jobforge_enqueue_job(p_type => 'test.job', p_timeout_ms => t)
    from unnest('{100,86400000}'::int[]) as t $$,
  'the bounds are inside');

select * from finish();
rollback;
