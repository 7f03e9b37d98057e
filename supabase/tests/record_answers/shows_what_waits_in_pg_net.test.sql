begin;
select plan(4);

select tests.unused_project();
select is(jobforge.last_call(), null, 'no call was made');
select tests.setup();
select net.http_post('http://127.0.0.1:9/orders') from generate_series(1, 3);
create temp table call as select jobforge.call_worker('http://127.0.0.1:9') as run_id;
select is(
  jobforge.last_call() - 'called_at' - 'waiting_before', jsonb_build_object(
    'run_id', (select run_id from call), 'state', 'pending', 'answered', false, 'status', null,
    'error', null, 'timed_out', false),
  'it is under way');
select cmp_ok((jobforge.last_call() ->> 'waiting_before')::int, '>=', 3,
  'behind the requests of the application');
insert into net._http_response (id, status_code, timed_out, content, created)
select r.request_id, 500, false, 'oops', clock_timestamp()
from jobforge.runs as r join call on run_id = id;
select is(
  jobforge.last_call() - '{run_id,called_at,state}'::text[],
  '{"answered": true, "status": 500, "error": "HTTP 500: oops", "timed_out": false,
    "waiting_before": null}', 'an answer shows before maintenance keeps it');

select * from finish();
rollback;
