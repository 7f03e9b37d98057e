begin;
select plan(2);

create role jobforge_tests_login;
grant jobforge_tests_login to current_user;
grant usage on schema extensions to jobforge_tests_login;
grant authenticated to jobforge_tests_login;
select tests.fill('acme', 1);
select set_config('app.tenant_id', tests.tenant('acme')::text, true);
select tests.act('jobforge_tests_login', '');
select is_empty('select * from jobforge_jobs', 'the setting alone shows nothing');
select tests.refuses(
  $$ select jobforge_enqueue_job(tests.tenant('acme'), 'test.job') $$, 'forbidden',
  'and enqueues nothing');

select * from finish();
rollback;
