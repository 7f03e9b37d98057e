begin;
select plan(4);

select tests.freeze();
select tests.setup();
select jobforge_configure_queue(tests.tenant(tenant), 'mail', '{"weight": 2}')
from unnest('{acme,globex}'::text[]) as tenant;
select tests.bring(tenant || ' done', 'succeeded', tenant) from unnest('{acme,globex}'::text[]) as tenant;
insert into jobforge_job_results (tenant_id, job_id, result, created_at)
select tests.tenant(tenant), tests.id(tenant || ' done'), '1', now()
from unnest('{acme,globex}'::text[]) as tenant;
select tests.bring(tenant || ' dead', 'dead', tenant) from unnest('{acme,globex}'::text[]) as tenant;
select jobforge_set_secret(tests.tenant(tenant), 'hook', 's3cret') from unnest('{acme,globex}'::text[]) as tenant;
select tests.receive(tests.endpoint(tenant)) from unnest('{acme,globex}'::text[]) as tenant;
select jobforge_close_host(tests.tenant(tenant), 'api.example.com', 1000)
from unnest('{acme,globex}'::text[]) as tenant;
select tests.enqueue(tenant || ' keyed', '{"idempotency_key": "k"}', tenant)
from unnest('{acme,globex}'::text[]) as tenant;
select tests.schedule(tenant, '{}', tenant) from unnest('{acme,globex}'::text[]) as tenant;
select jobforge_run_schedule(id) from tests.schedules;

create temp table answers as select jobforge_erase_tenant(tests.tenant('acme'), 1) as answer;
select is((select answer ->> 'state' from answers), 'erasing', 'one row, and it goes on later');
select cmp_ok(tests.job_count(), '>', 0, 'most is still there');
select jobforge_dispatch();
select is(tests.job_count(), 0, 'the tick goes on by itself');
select is(
  jobforge_erase_tenant(tests.tenant('acme')) ->> 'state', 'finished', 'and a call finds it done');

select * from finish();
rollback;
