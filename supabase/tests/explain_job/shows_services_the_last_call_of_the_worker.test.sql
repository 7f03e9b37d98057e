begin;
select plan(5);

select tests.unused_project();
create function pg_temp.explained()
returns jsonb
language sql
as $$ select public.jobforge_explain_job(tests.id('job'), tests.tenant('acme')) $$;
select tests.setup();
select tests.enqueue('job');
create temp table call as select jobforge.call_worker('http://127.0.0.1:9') as run_id;
grant select on call to public;
select is(
  pg_temp.explained() #> '{last_call,answered}', 'false', 'a call without an answer is under way');
insert into net._http_response (id, status_code, timed_out, content, created)
select r.request_id, 500, false, 'oops', clock_timestamp()
from jobforge.runs as r join call on run_id = id;
select is(
  (pg_temp.explained() -> 'last_call') - '{run_id,called_at,state,timed_out}'::text[],
  '{"answered": true, "status": 500, "error": "HTTP 500: oops"}', 'and then its answer shows');
select tests.as_member('acme');
select is(pg_temp.explained() -> 'last_call', null, 'not to tenants');
select is(pg_temp.explained() ->> 'reason', 'type_unknown_to_workers', 'who get the reason');
select tests.as_owner();
select jobforge_configure_queue(tests.tenant('acme'), 'default', '{"paused": true}');
select is(pg_temp.explained() -> 'last_call', null, 'nor for a job that waits for something else');

select * from finish();
rollback;
