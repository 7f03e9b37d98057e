begin;
select plan(5);

select tests.freeze();
select tests.hold_job();
create temp table zombie as select tests.outcome('job', 'succeeded', '{"result": 1}') as outcome;
select tests.settle('job', 'released');
select tests.claim();
create temp table before as select (tests.job('job')).*;

create temp table answer as
  select tests.report(jsonb_build_array(outcome)) as answer from zombie;
select is((select answer ->> 'settled' from answer), '0', 'the outcome does not count');
select is(
  (select answer -> 'stale' from answer), jsonb_build_array(tests.id('job')), 'it is stale');
select results_eq(
  'select (tests.job($a$job$a$)).*', 'select * from before', 'nothing about the job has changed');
select is((select count(*) from jobforge_job_results), 0::bigint, 'no result is kept');
select is(tests.attempts('job'), null, 'no attempt is recorded');

select * from finish();
rollback;
