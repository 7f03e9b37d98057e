begin;
select plan(1);

select tests.start_run();
select tests.enqueue('job');
select tests.claim();
select throws_ok(
  'update public.jobforge_jobs set scheduled = true', '23514', null, 'a running job is not');

select * from finish();
rollback;
