begin;
select plan(2);

select tests.bring(status, status)
from unnest('{failed,dead,canceled,succeeded}'::text[]) as status;
select set_eq('select tests.name(id) from jobforge.unsuccessful_jobs
  where tenant_id = tests.tenant(''acme'')',
  '{failed,dead,canceled}'::text[],
  'those that ended without success are listed');
select jobforge_retry_job(tests.id('dead'), tests.tenant('acme'));
select set_eq('select tests.name(id) from jobforge.unsuccessful_jobs
  where tenant_id = tests.tenant(''acme'')',
  '{failed,canceled}'::text[],
  'until they are retried');

select * from finish();
rollback;
