begin;
select plan(5);

select tests.unused_project();
select tests.setup();
select tests.fill('acme', 1);
select jobforge_dispatch();
create temp table call as select * from tests.calls();
select is(
  (select url from call), 'http://127.0.0.1:9/functions/v1/worker', 'to the worker''s address');
select bag_eq(
  'select jsonb_object_keys(body) from call', array['run_id', 'ticket'], 'two members');
select matches((select body ->> 'ticket' from call), '^[0-9a-f]{64}$', 'the ticket has 32 bytes');
select is(
  (select (body ->> 'run_id')::bigint from call), (select id from jobforge.runs), 'of that run');
select ok(
  (select coalesce(headers::text, '') !~* 'authorization|apikey|bearer' from call),
  'no key is in the headers');

select * from finish();
rollback;
