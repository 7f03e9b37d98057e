begin;
select plan(5);

select tests.start_run();
select tests.enqueue(name) from unnest('{a,b,c}'::text[]) as name;
select tests.claim(3);
select is(
  jobforge_release_jobs(tests.run_id(), p_known_ids => array[tests.id('a')]), 2,
  'what the run does not name is handed back');
select is(tests.status('a'), 'running', 'what it names is kept');
select is(tests.status('b'), 'queued', 'the other is queued');
select is(
  jobforge_release_jobs(tests.run_id(), array[tests.id('a')], array[tests.id('a')]), 0,
  'a known job is kept, although it is named');
select is(
  jobforge_release_jobs(tests.run_id(), p_known_ids => '{}'), 1,
  'a run that names none keeps none');

select * from finish();
rollback;
