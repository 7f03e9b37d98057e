begin;
select plan(2);

select tests.setup();
select tests.fill('acme', 250);
select jobforge_dispatch();
create temp table calls as
  select (body ->> 'run_id')::bigint as run_id, body ->> 'ticket' as ticket from tests.calls();
select is((select count(*) from calls), 3::bigint, 'three runs are called');
select tests.refuses(
  format('select jobforge_start_run(%s, %L)',
    (select min(run_id) from calls), (select ticket from calls order by run_id desc limit 1)),
  'ticket_refused', 'a ticket is good for its own run only');

select * from finish();
rollback;
