begin;
select plan(1);

select tests.as_member('acme');
select jobforge_enqueue_jobs(p_jobs => '[{"type": "a"}, {"type": "b"}]');
select tests.as_owner();
select results_eq(
  $$ select tenant_id, created_by from jobforge_jobs where type in ('a', 'b') $$,
  $$ values (tests.tenant('acme'), tests.sub('acme')::text),
    (tests.tenant('acme'), tests.sub('acme')::text) $$,
  'tenant and creator are those of the JWT');

select * from finish();
rollback;
