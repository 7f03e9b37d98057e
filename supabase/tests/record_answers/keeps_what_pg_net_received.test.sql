begin;
select plan(4);

select tests.unused_project();
select tests.setup(10);
create temp table calls as
  select n, jobforge.call_worker('http://127.0.0.1:9') as run_id from generate_series(1, 5) as n;
create function pg_temp.answer(
  p_n int, p_status int, p_timed_out boolean, p_error text, p_text text)
returns void
language sql
as $$
  insert into net._http_response (id, status_code, timed_out, error_msg, content, created)
  select r.request_id, p_status, p_timed_out, p_error, p_text, clock_timestamp()
  from jobforge.runs as r join calls as c on c.run_id = r.id where c.n = p_n
$$;
select pg_temp.answer(1, 202, false, null, '{"run_id": 1}');
select pg_temp.answer(2, 404, false, null, E'{"code":\n"NOT_FOUND"}' || repeat('x', 5000));
select pg_temp.answer(3, null, true, 'Timeout of 5000 ms reached.', null);
select pg_temp.answer(4, null, false, 'Couldn''t resolve host name', null);
select is(jobforge.record_answers(jobforge.clock(), 100), 4, 'four have come');
select results_eq($$
  select c.n, r.answer_status, r.answer_timed_out, left(r.answer_error, 42)
  from calls as c join jobforge.runs as r on r.id = c.run_id order by c.n
$$, $$ values (1, 202, false, null), (2, 404, false, 'HTTP 404: {"code": "NOT_FOUND"}xxxxxxxxxxx'),
  (3, null, true, 'timed out: Timeout of 5000 ms reached.'),
  (4, null, false, 'not sent: Couldn''t resolve host name'), (5, null, null, null) $$,
  'status, error and whether it timed out');
select ok((select max(length(answer_error)) < 250 from jobforge.runs), 'in a short line');
select is(jobforge.record_answers(jobforge.clock(), 100), 0, 'once');

select * from finish();
rollback;
