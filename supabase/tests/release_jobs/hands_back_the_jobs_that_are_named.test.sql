begin;
select plan(4);

select tests.start_run('one');
select tests.start_run('two');
select tests.enqueue(name) from unnest('{a,b,c}'::text[]) as name;
select tests.claim(2, 'one');
select tests.claim(1, 'two');
select is(
  jobforge_release_jobs(tests.run_id('one'), array[tests.id('a'), tests.id('c')]), 1,
  'one of those named is the run''s');
select is(tests.status('a'), 'queued', 'it is handed back');
select is(tests.status('b'), 'running', 'one that is not named is kept');
select is(tests.status('c'), 'running', 'one of another run is not touched');

select * from finish();
rollback;
