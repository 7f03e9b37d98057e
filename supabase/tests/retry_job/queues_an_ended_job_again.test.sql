begin;
select plan(4);

select tests.freeze();
select tests.bring(status, status) from unnest('{failed,dead,canceled}'::text[]) as status;
select tests.as_member('acme');
select results_eq(
  format('select * from jobforge_retry_job(tests.id(%L))', status),
  format('values (tests.id(%L), %L)', status, 'queued'), status || ' is queued again')
from unnest('{failed,dead,canceled}'::text[]) as status;
select tests.as_owner();
select tests.start_run();
select bag_eq(
  'select tests.claim(9)', array['failed', 'dead', 'canceled'], 'and all of them start');

select * from finish();
rollback;
