begin;
select plan(5);

select tests.start_run();
select tests.enqueue_each('greedy', 'modest');
select tests.claim(2);
select is(
  tests.report(jsonb_build_array(
    tests.outcome('greedy', 'succeeded', jsonb_build_object('result', repeat('x', 300000))),
    tests.outcome('modest', 'succeeded', '{"result": 1}'))) ->> 'settled',
  '2', 'both outcomes count');
select is(tests.status('greedy'), 'failed', 'the job with the large result has failed');
select is((tests.job('greedy')).last_error ->> 'code', 'result_too_large', 'and says why');
select is(tests.status('modest'), 'succeeded', 'the other has succeeded');
select is((select count(*) from jobforge_job_results), 1::bigint, 'only its result is kept');

select * from finish();
rollback;
