begin;
select plan(3);

select tests.hold_job();
create temp table repeated as select tests.outcome('job', 'succeeded', '{"result": 1}') as outcome;
select is(
  (select tests.report(jsonb_build_array(outcome)) ->> 'settled' from repeated), '1', 'once');
select is(
  (select tests.report(jsonb_build_array(outcome)) -> 'stale' from repeated),
  jsonb_build_array(tests.id('job')), 'the second time it is stale');
select is((select count(*) from jobforge_job_results), 1::bigint, 'there is one result');

select * from finish();
rollback;
