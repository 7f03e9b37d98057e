begin;
select plan(3);

select tests.bring(status, status) from unnest('{running,succeeded}'::text[]) as status;
select tests.bring('queued', 'queued');
select tests.as_member('acme');
select tests.refuses(
  format('select jobforge_retry_job(tests.id(%L))', status), 'wrong_state', status)
from unnest('{queued,running,succeeded}'::text[]) as status;

select * from finish();
rollback;
