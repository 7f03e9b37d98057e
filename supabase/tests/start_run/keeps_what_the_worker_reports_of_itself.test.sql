begin;
select plan(4);

select tests.unused_project();
select tests.freeze();
create temp table call as select * from tests.ticket();
create function pg_temp.run(p_id bigint) returns text language sql
return (select concat_ws(' ', state, kind, capacity, types, length(worker), worker_version,
    ticket_hash is null, started_at = jobforge.clock(), ended_at, end_reason)
  from jobforge.runs where id = p_id);
select is(pg_temp.run(run_id),
  format('live container 7 {a} 200 %s t t', jobforge.schema_version()), 'with a ticket')
from call, lateral (select jobforge_start_run(call.run_id, call.ticket, repeat('w', 201), 7,
  '[{"type": "a"}]', 'container', jobforge.schema_version())) as started;
select is(pg_temp.run(run_id),
  format('live container 1000 {a} 200 %s t t', jobforge.schema_version()), 'and without')
from jobforge_start_run(null, null, repeat('w', 201), 1000,
  '[{"type": "a"}]', 'container', jobforge.schema_version());
select tests.setup(1);
create temp table next_call as select nextval('jobforge.runs_id_seq') as run_id, 'secret' as ticket;
insert into jobforge.runs (id, state, ticket_hash, created_at) overriding system value
select run_id, 'pending', sha256(convert_to(ticket, 'UTF8')), jobforge.clock() from next_call;
select is((select refusal from next_call, jobforge_start_run(
  next_call.run_id, ticket, repeat('w', 201), p_version => jobforge.schema_version())),
  'runs_exhausted', 'one that is refused');
select results_eq($$ select state::text, length(worker), worker_version, ended_at, end_reason
  from jobforge.runs join next_call on id = run_id $$,
  $$ values ('refused', 200, jobforge.schema_version(), jobforge.clock(), 'runs_exhausted') $$,
  'is kept as well');

select * from finish();
rollback;
