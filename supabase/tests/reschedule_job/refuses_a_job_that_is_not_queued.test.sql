begin;
select plan(5);

select tests.bring(status, status)
from unnest('{running,succeeded,failed,dead,canceled}'::text[]) as status;
select tests.as_member('acme');
select tests.refuses(
  format('select jobforge_reschedule_job(tests.id(%L), clock_timestamp())', status),
  'wrong_state', status)
from unnest('{running,succeeded,failed,dead,canceled}'::text[]) as status;

select * from finish();
rollback;
