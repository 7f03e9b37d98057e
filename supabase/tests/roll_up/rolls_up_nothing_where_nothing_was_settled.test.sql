begin;
select plan(2);

select tests.hold_job();
select tests.report(jsonb_build_array(
  tests.outcome('job', 'succeeded') || jsonb_build_object('lease_token', 0)));
select jobforge_finish_run(tests.run_id(), 'drained');
select is((select count(*) from jobforge.outcome_batches), 1::bigint,
  'the job that was handed back');
select tests.start_run('idle');
select jobforge_finish_run(tests.run_id('idle'), 'drained');
select is((select count(*) from jobforge.outcome_batches), 1::bigint, 'an idle run leaves none');

select * from finish();
rollback;
