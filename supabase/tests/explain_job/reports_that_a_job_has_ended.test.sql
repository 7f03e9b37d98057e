begin;
select plan(8);

select tests.bring(status, status)
from unnest('{succeeded,failed,dead,canceled}'::text[]) as status;
select is(
  jobforge_explain_job(tests.id(status), tests.tenant('acme')) ->> 'reason', status, status)
from unnest('{succeeded,failed,dead,canceled}'::text[]) as status;
select is(
  jobforge_explain_job(tests.id(status), tests.tenant('acme')) -> 'earliest_at', 'null'::jsonb,
  status || ' does not start by itself')
from unnest('{succeeded,failed,dead,canceled}'::text[]) as status;

select * from finish();
rollback;
