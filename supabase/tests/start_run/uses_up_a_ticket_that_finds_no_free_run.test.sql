begin;
select plan(6);

select tests.unused_project();
select tests.freeze();
create temp table call as select * from tests.ticket();
select tests.setup(1);
select tests.start_run();
select results_eq(
  'select s.run_id, s.refusal from call, jobforge_start_run(call.run_id, call.ticket) as s',
  $$ values (null::bigint, 'runs_exhausted') $$, 'there is nothing to do');
select results_eq(
  'select state::text, end_reason, ticket_hash from jobforge.runs join call on run_id = id',
  $$ values ('refused', 'runs_exhausted', null::bytea) $$, 'the ticket is used up');
select jobforge_finish_run(tests.run_id(), 'drained');
select tests.refuses(
  'select jobforge_start_run(call.run_id, call.ticket) from call', 'ticket_refused',
  'also when there is room again');
select is((select count(*) from jobforge.runs where state = 'live'), 0::bigint, 'no run started');
select tests.advance('2 minutes');
select jobforge_dispatch();
select is((select state::text from jobforge.runs join call on run_id = id), 'refused',
  'the call arrived, so it does not count as undelivered');
select is(jobforge.undelivered_since(jobforge.clock() - interval '1 hour'), 0::bigint,
  'nor does the doctor count it');

select * from finish();
rollback;
