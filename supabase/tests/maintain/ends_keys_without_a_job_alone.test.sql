begin;
select plan(2);

select tests.unused_project();
select tests.freeze();
select tests.enqueue('job', '{"idempotency_key": "with a job"}');
insert into jobforge.idempotency_keys (tenant_id, type, key, request_hash, job_id, expires_at)
values (tests.tenant('acme'), 'test.job', 'without', '', gen_random_uuid(), null),
  (tests.tenant('acme'), 'test.job', 'with an end', '', gen_random_uuid(),
    jobforge.clock() + interval '1 day');
select is(jobforge.expire_keys(jobforge.clock(), 10), 3, 'three are read');
select results_eq($$ select key, expires_at - jobforge.clock() from jobforge.idempotency_keys
    order by key $$,
  $$ values ('with a job', null::interval), ('with an end', '1 day'), ('without', '30 days') $$,
  'one of a job that is gone ends in 30 days');

select * from finish();
rollback;
