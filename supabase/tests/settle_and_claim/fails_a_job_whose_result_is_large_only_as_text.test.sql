begin;
select plan(2);

-- A few hundred bytes that print as megabytes.
select tests.hold_job('greedy');
select tests.settle('greedy', 'succeeded',
  jsonb_build_object('result', array_fill('1e131071'::numeric, '{50}')));
select is(tests.status('greedy'), 'failed', 'a result counts as it prints');
select is((select count(*) from jobforge_job_results), 0::bigint, 'it is not kept');

select * from finish();
rollback;
