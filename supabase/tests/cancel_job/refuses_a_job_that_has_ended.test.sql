begin;
select plan(6);

select tests.bring(status, status) from unnest('{succeeded,failed,dead}'::text[]) as status;
select tests.as_member('acme');
select tests.refuses(
  format('select jobforge_cancel_job(tests.id(%L))', status), 'wrong_state', status)
from unnest('{succeeded,failed,dead}'::text[]) as status;
select is(tests.status(status), status, status || ' it stays')
from unnest('{succeeded,failed,dead}'::text[]) as status;

select * from finish();
rollback;
