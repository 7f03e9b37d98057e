begin;
select plan(2);

select tests.freeze();
create temp table call as select * from tests.ticket();
select tests.advance('60 seconds');
select tests.refuses(
  format('select jobforge_start_run(%s, %L)', run_id, ticket), 'ticket_refused', 'after a minute')
from call;
select tests.advance('-1 millisecond');
select lives_ok(
  format('select jobforge_start_run(%s, %L)', run_id, ticket), 'just before, it is good')
from call;

select * from finish();
rollback;
