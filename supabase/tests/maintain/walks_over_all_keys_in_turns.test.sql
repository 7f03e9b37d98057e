begin;
select plan(4);

select tests.unused_project();
select tests.freeze();
insert into jobforge.idempotency_keys (tenant_id, type, key, request_hash, job_id)
select tests.tenant(tenant), 'a.type', n::text, '', gen_random_uuid()
from unnest('{acme,globex,initech}'::text[]) as tenant, generate_series(1, 4) as n;
select is(jobforge.expire_keys(jobforge.clock(), 5), 5, 'five');
select is(jobforge.expire_keys(jobforge.clock(), 5), 5, 'five more');
select is(jobforge.expire_keys(jobforge.clock(), 5), 2, 'the rest');
select is(
  (select count(*) from jobforge.idempotency_keys
    where expires_at = jobforge.clock() + interval '30 days'), 12::bigint,
  'each has 30 days, as the end of its job is not known');

select * from finish();
rollback;
