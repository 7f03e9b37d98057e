begin;
select plan(2);

select tests.hold_job('job');
-- The job ends while the statement that reads it is under way.
create temp table seen as
  select tests.settle('job', 'succeeded', '{"result": 1}') as report,
    jobforge_get_job(tests.id('job'), tests.tenant('acme'))::jsonb as job;
select is((select report ->> 'settled' from seen), '1', 'it ended');
select results_eq($$ select job ->> 'status', job ->> 'result' from seen $$,
  $$ values ('running', null) $$, 'both are of the moment when the statement began');

select * from finish();
rollback;
