begin;
select plan(4);

select tests.start_run('one');
select tests.start_run('two');
select tests.fill('acme', 4);
select tests.claim(3, 'one');
select tests.claim(1, 'two');
select is(jobforge_release_jobs(tests.run_id('one')), 3, 'three jobs');
select is(
  (select count(*) from jobforge_jobs where status = 'queued' and attempts = 0), 3::bigint,
  'are queued, with no attempt spent');
select is((tests.run('one')).held, 0, 'the run holds nothing');
select is((tests.run('two')).held, 1, 'the other run keeps its job');

select * from finish();
rollback;
