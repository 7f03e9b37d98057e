begin;
select plan(2);

select tests.start_run('holder');
select tests.start_run('other');
select tests.enqueue('job');
select tests.claim(1, 'holder');
select is(
  tests.report(jsonb_build_array(tests.outcome('job', 'succeeded')), 'other') -> 'stale',
  jsonb_build_array(tests.id('job')), 'the token is right but the run is not');
select is(tests.status('job'), 'running', 'the job runs on');

select * from finish();
rollback;
