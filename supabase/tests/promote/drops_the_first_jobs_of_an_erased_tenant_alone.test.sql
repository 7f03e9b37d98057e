begin;
select plan(3);

-- As if transactions that began before an erasure had left them.
select tests.unused_project();
select jobforge_enqueue_job(tests.tenant(tenant), 'test.job')
from unnest('{acme,globex,initech}'::text[]) as tenant;
insert into jobforge.erasures (tenant_id, alias_id, tenant_hash, started_at)
select tests.tenant('acme'), gen_random_uuid(), jobforge.tenant_hash(tests.tenant('acme')), now();
select is(jobforge.settle_tenant(tests.tenant('acme'), now()), null, 'it gets no queue');
select results_eq('select tests.tenant_name(tenant_id) from jobforge.newcomers order by 1',
  '{globex,initech}'::text[], 'the first jobs of others wait');
select results_eq('select tests.tenant_name(tenant_id) from jobforge.jobs order by 1',
  '{globex,initech}'::text[], 'its own are deleted');

select * from finish();
rollback;
