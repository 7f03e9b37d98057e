begin;
select plan(4);

select tests.unused_project();
select tests.setup();
select is(tests.finding('worker_answer'), 'true: no call in the last week', 'before the first');
select jobforge.call_worker('http://127.0.0.1:9');
select matches(tests.finding('worker_answer'),
  '^true: the last call, 0 seconds ago, has no answer yet, [0-9]+ requests wait before it$',
  'while pg_net has not sent it');
insert into net._http_response (id, status_code, timed_out, content, created)
select r.request_id, 404, false, '{"code":"NOT_FOUND"}', clock_timestamp() from jobforge.runs as r;
select is(tests.finding('worker_answer'),
  'false: the last call, 0 seconds ago, failed: HTTP 404: {"code":"NOT_FOUND"}',
  'when the function is not deployed');
update net._http_response set status_code = 202
where id in (select r.request_id from jobforge.runs as r);
select is(tests.finding('worker_answer'), 'true: the last call, 0 seconds ago, got HTTP 202',
  'when it is');

select * from finish();
rollback;
