begin;
select plan(7);

create temp table call as select * from tests.ticket();

select tests.refuses(
  format('select jobforge_start_run(%s, %L)', run_id, repeat('0', 64)), 'ticket_refused',
  'a guess')
from call;
select tests.refuses(
  format('select jobforge_start_run(%s, %L)', run_id, upper(ticket)), 'ticket_refused',
  'the ticket in capitals')
from call;
select tests.refuses(
  format('select jobforge_start_run(%s, %L)', run_id, ''), 'ticket_refused', 'an empty ticket')
from call;
select tests.refuses(
  format('select jobforge_start_run(%s)', run_id), 'ticket_refused', 'a run without a ticket')
from call;
select tests.refuses(
  format('select jobforge_start_run(p_ticket => %L)', ticket), 'ticket_refused',
  'a ticket without a run')
from call;
select tests.refuses(
  format('select jobforge_start_run(%s, %L)', run_id, encode(ticket_hash, 'hex')), 'ticket_refused',
  'the hash that is stored')
from call join jobforge.runs on id = run_id;
select is(
  (select r.state from jobforge.runs as r join call on call.run_id = r.id), 'pending',
  'the right ticket is still good');

select * from finish();
rollback;
