begin;
select plan(3);

select tests.hold_job();
select is(
  tests.report(jsonb_build_array(tests.outcome('job', 'succeeded', '{"result": 1}'),
    tests.outcome('job', 'succeeded', '{"result": 2}'))) ->> 'settled',
  '1', 'an outcome given twice in one report counts once');
select is((select count(*) from jobforge_job_results), 1::bigint, 'there is one result');
select is(tests.attempts('job'), '1 succeeded', 'and one attempt');

select * from finish();
rollback;
