begin;
select plan(3);

select tests.start_run();
select tests.enqueue_each('null', 'nothing');
select tests.claim(2);
select tests.settle('null', 'succeeded', '{"result": null}');
select tests.settle('nothing', 'succeeded');
select is(tests.status('null'), 'succeeded', 'null is no error');
select is((select count(*) from jobforge_job_results), 0::bigint, 'and leaves no row');
select tests.enqueue_each('with', 'without');
select tests.claim(2);
select tests.report(jsonb_build_array(tests.outcome('without', 'succeeded'),
  tests.outcome('with', 'succeeded', '{"result": 1}')));
select results_eq('select tests.name(job_id) from jobforge_job_results', '{with}'::text[],
  'beside one that has a result neither');

select * from finish();
rollback;
