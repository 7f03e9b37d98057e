begin;
select plan(4);

-- pg_net counts requests anew after its tables were made again, and keeps answers for hours.
select tests.unused_project();
select tests.setup(10);
create temp table call as select jobforge.call_worker('http://127.0.0.1:9') as run_id;
insert into net._http_response (id, status_code, timed_out, content, created)
select r.request_id, 500, false, 'of another call', r.created_at - interval '1 minute 1 second'
from jobforge.runs as r join call on run_id = id;
select is(jobforge.answer_of(run_id) ->> 'answered', 'false',
  'an answer of before is of another call')
from call;
select is(jobforge.record_answers(jobforge.clock(), 100), 0, 'and not recorded');
update net._http_response set created = created + interval '1 second';
select is(jobforge.answer_of(run_id) ->> 'status', '500', 'clocks may differ by a minute')
from call;
select is(jobforge.record_answers(jobforge.clock(), 100), 1, 'which is recorded');

select * from finish();
rollback;
