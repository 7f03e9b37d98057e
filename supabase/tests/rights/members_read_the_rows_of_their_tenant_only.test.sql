begin;
select plan(16);

select tests.bring(tenant || ' done', 'succeeded', tenant)
from unnest('{acme,globex}'::text[]) as tenant;
select tests.bring(tenant || ' canceled', 'canceled', tenant)
from unnest('{acme,globex}'::text[]) as tenant;
insert into public.jobforge_job_results (tenant_id, job_id, result, created_at)
select tests.tenant(tenant), tests.id(tenant || ' done'), '1', now()
from unnest('{acme,globex}'::text[]) as tenant;
select tests.schedule(tenant, '{}', tenant) from unnest('{acme,globex}'::text[]) as tenant;
select tests.receive(tests.endpoint(tenant)) from unnest('{acme,globex}'::text[]) as tenant;
select tests.as_member('acme');

select results_eq(
  format('select distinct tests.tenant_name(tenant_id) from %s', relation), array['acme'],
  relation || ' shows the rows of the own tenant, and no others')
from unnest(array['jobforge_jobs', 'jobforge_queues', 'jobforge_job_attempts',
  'jobforge_schedules', 'jobforge_job_results', 'jobforge_audit_log', 'jobforge_connector_configs',
  'jobforge_received_webhooks']) as relation;
select is_empty(
  format('select tenant_id from %s where tenant_id = tests.tenant(%L)', relation, 'globex'),
  relation || ' shows nothing of another tenant, asked for by name')
from unnest(array['jobforge_jobs', 'jobforge_queues', 'jobforge_job_attempts',
  'jobforge_schedules', 'jobforge_job_results', 'jobforge_audit_log', 'jobforge_connector_configs',
  'jobforge_received_webhooks']) as relation;

select * from finish();
rollback;
