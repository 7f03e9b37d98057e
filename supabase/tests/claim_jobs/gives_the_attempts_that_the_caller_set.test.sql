begin;
select plan(4);

select tests.unused_project();
select jobforge_start_run(p_types => '[{"type": "test.job", "max_attempts": 9}]');
select tests.enqueue(name, '{"max_attempts": 2}') from unnest('{a,b,c,d}'::text[]) as name;
select tests.start_run();
select tests.claim(1);
select is(jobforge_claim_jobs(tests.run_id(), 1) #>> '{0,max_attempts}', '2', 'of a single job');
select is(
  jobforge_settle_and_claim(tests.run_id(), p_limit => 1)
    #>> '{jobs,max_attempts,0}', '2', 'of a single job as columns');
select is(jobforge_claim_jobs(tests.run_id(), 5) #>> '{0,max_attempts}', '2', 'of the rest');
select tests.enqueue('last', '{"max_attempts": 4}');
select is(
  jobforge_settle_and_claim(tests.run_id(), p_limit => 5)
    #>> '{jobs,max_attempts,0}', '4', 'and as columns');

select * from finish();
rollback;
