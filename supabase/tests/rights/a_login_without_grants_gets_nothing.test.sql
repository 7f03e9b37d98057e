begin;
select plan(7);

create role jobforge_tests_login;
grant jobforge_tests_login to current_user;
grant usage on schema extensions to jobforge_tests_login;
select tests.fill('acme', 1);
select set_config('app.tenant_id', tests.tenant('acme')::text, true);
select tests.act('jobforge_tests_login', '');
select tests.denies(format('select * from %s', relation), relation)
from unnest(array['jobforge_jobs', 'jobforge_queues', 'jobforge_job_attempts',
  'jobforge_job_results', 'jobforge_audit_log', 'jobforge.runs']) as relation;
select tests.denies(
  $$ select jobforge_enqueue_job(tests.tenant('acme'), 'test.job') $$, 'nor any function');

select * from finish();
rollback;
