begin;
select plan(3);

select tests.as_member('acme', 'globex');
select tests.refuses(
  $$ select jobforge_enqueue_job(p_type => 'test.job') $$,
  'invalid_argument', 'it is not clear which');
select lives_ok(
  $$ select jobforge_enqueue_job(tests.tenant('globex'), 'test.job') $$, 'either of them will do');
select is(
  (select tenant_id from jobforge_jobs), tests.tenant('globex'),
  'the job belongs to the one named');

select * from finish();
rollback;
