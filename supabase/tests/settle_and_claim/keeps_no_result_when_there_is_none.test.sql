begin;
select plan(2);

select tests.start_run();
select tests.enqueue_each('null', 'nothing');
select tests.claim(2);
select tests.settle('null', 'succeeded', '{"result": null}');
select tests.settle('nothing', 'succeeded');
select is(tests.status('null'), 'succeeded', 'null is no error');
select is((select count(*) from jobforge_job_results), 0::bigint, 'and leaves no row');

select * from finish();
rollback;
