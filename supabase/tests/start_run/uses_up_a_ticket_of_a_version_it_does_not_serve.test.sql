begin;
select plan(6);

select tests.unused_project();
select tests.freeze();
create temp table call as select * from tests.ticket();
select results_eq($$
  select s.run_id, s.refusal, s.message ~ '^worker 99.0.0 is newer than schema '
  from call, jobforge_start_run(call.run_id, call.ticket, p_version => '99.0.0') as s
$$, $$ values (null::bigint, 'version_mismatch', true) $$, 'with what to do');
select results_eq(
  'select state::text, end_reason, worker_version, ticket_hash from jobforge.runs
    join call on run_id = id',
  $$ values ('refused', 'version_mismatch', '99.0.0', null::bytea) $$, 'the run keeps the reason');
select tests.refuses(
  'select jobforge_start_run(call.run_id, call.ticket) from call', 'ticket_refused',
  'no second try');
select matches(tests.finding('versions'),
  '^false: 1 runs of the last hour were refused: worker 99.0.0 is newer', 'the doctor reports it');
create or replace function jobforge.schema_version() returns text
language sql stable as $$ select '99.0.0' $$;
select is(tests.finding('versions'), 'true: schema 99.0.0 serves its workers',
  'until the migration makes it fit');
select is((jobforge_doctor() ->> 'schema_version'), '99.0.0', 'and names the version');

select * from finish();
rollback;
