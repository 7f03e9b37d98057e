begin;
select plan(4);

select tests.fill(tenant, 1) from unnest('{acme,globex}'::text[]) as tenant;
select set_config('app.tenant_id', tests.tenant('globex')::text, true);
select tests.as_member('acme');
select results_eq(
  'select tests.tenant_name(tenant_id) from jobforge_jobs', array['acme'],
  'a member sees the tenant of the JWT');
select tests.refuses(
  $$ select jobforge_enqueue_job(tests.tenant('globex'), 'test.job') $$, 'forbidden',
  'and works for that one');
select tests.as_stranger();
select is_empty('select * from jobforge_jobs', 'who has none sees none');
select tests.act('authenticated', '');
select is_empty('select * from jobforge_jobs', 'not even without a JWT');

select * from finish();
rollback;
