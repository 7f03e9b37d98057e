begin;
select plan(1);

select tests.start_run('holder');
select tests.start_run('other');
select tests.enqueue('job');
select tests.claim(1, 'holder');
select jobforge_settle_and_claim(tests.run_id('other'), p_progress => jsonb_build_array(
  jsonb_build_object('id', tests.id('job'), 'progress', 1)));
select is((tests.job('job')).progress, null, 'only its run speaks for a job');

select * from finish();
rollback;
