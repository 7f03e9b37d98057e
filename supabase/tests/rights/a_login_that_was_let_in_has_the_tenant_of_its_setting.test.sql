begin;
select plan(9);

create role jobforge_tests_login;
grant jobforge_tests_login to current_user;
grant usage on schema extensions to jobforge_tests_login;
grant authenticated to jobforge_tests_login;
grant execute on function jobforge.session_tenant() to jobforge_tests_login;
select tests.fill(tenant, 1) from unnest('{acme,globex}'::text[]) as tenant;
select tests.act('jobforge_tests_login', '');
select is_empty('select * from jobforge_jobs', 'without the setting it sees nothing');
select tests.refuses(
  $$ select jobforge_enqueue_job(tests.tenant('acme'), 'test.job') $$, 'forbidden',
  'and enqueues nothing');

select set_config('app.tenant_id', tests.tenant('acme')::text, true);
select results_eq(
  'select tests.tenant_name(tenant_id) from jobforge_jobs', array['acme'],
  'with it, that tenant');
select lives_ok(
  $$ select jobforge_enqueue_job(p_type => 'test.job') $$, 'it works for that tenant');
select tests.refuses(
  $$ select jobforge_enqueue_job(tests.tenant('globex'), 'test.job') $$, 'forbidden',
  'and for no other');
select tests.denies('select jobforge_start_run()', 'it is no service');

select set_config('app.tenant_id', format('{%s}', tests.tenant('acme')), true);
select is_empty('select * from jobforge_jobs', 'an invalid setting means no tenant');
select set_config('app.tenant_id', 'acme', true);
select is_empty('select * from jobforge_jobs', 'another invalid one too');
select set_config('app.tenant_id', tests.tenant('acme')::text, true);

select tests.act('jobforge_tests_login', '{"role": "authenticated"}');
select is_empty('select * from jobforge_jobs', 'beside a JWT the setting counts for nothing');

select * from finish();
rollback;
