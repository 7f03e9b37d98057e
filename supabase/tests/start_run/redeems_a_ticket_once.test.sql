begin;
select plan(3);

create temp table call as select * from tests.ticket();

select is(
  (select r.run_id from call, jobforge_start_run(call.run_id, call.ticket) as r),
  (select run_id from call), 'the call''s ticket starts its run');
select is(
  (select r.state from jobforge.runs as r join call on call.run_id = r.id), 'live', 'it is live');
select tests.refuses(
  format('select jobforge_start_run(%s, %L)', run_id, ticket), 'ticket_refused',
  'a second time it is refused')
from call;

select * from finish();
rollback;
