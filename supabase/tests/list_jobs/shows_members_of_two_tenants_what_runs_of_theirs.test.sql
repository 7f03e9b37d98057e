begin;
select plan(1);

select tests.unused_project();
select tests.start_run();
select tests.enqueue(tenant, '{}', tenant) from unnest('{acme,globex,initech}'::text[]) as tenant;
select tests.claim(5);
select tests.as_member('acme', 'globex');
select set_eq(
  $$ select tests.tenant_name((j ->> 'tenant_id')::uuid)
    from jsonb_array_elements(jobforge_list_jobs(null, '{"status": "running"}') -> 'jobs') as j $$,
  '{acme,globex}'::text[], 'and of no other');

select * from finish();
rollback;
