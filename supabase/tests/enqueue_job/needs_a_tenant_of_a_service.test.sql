begin;
select plan(2);

select tests.as_service();
select tests.refuses(
  $$ select jobforge_enqueue_job(p_type => 'test.job') $$,
  'invalid_argument', 'a service names the tenant');
select lives_ok(
  $$ select jobforge_enqueue_job(tests.tenant('acme'), 'test.job') $$, 'any tenant will do');

select * from finish();
rollback;
