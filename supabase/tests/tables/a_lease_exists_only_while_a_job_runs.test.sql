begin;
select plan(5);

select tests.enqueue('job');
select throws_ok(
  'update public.jobforge_jobs set lease_token = 1, run_id = 1', '23514', null,
  'a queued job has no lease');
select throws_ok(
  'update public.jobforge_jobs set lease_token = 1', '23514', null, 'nor a token alone');
select throws_ok(
  $$ update public.jobforge_jobs set status = 'running', run_id = 1 $$, '23514', null,
  'a running job has a token');
select throws_ok(
  $$ update public.jobforge_jobs set status = 'running' $$, '23514', null,
  'a running job has one');
select throws_ok(
  $$ update public.jobforge_jobs set status = 'running', lease_token = 1 $$, '23514', null,
  'and a run that holds it');

select * from finish();
rollback;
