begin;
select plan(2);

select tests.enqueue('job', '{"max_attempts": 3}');
select throws_ok(
  'update public.jobforge_jobs set attempts = 4', '23514', null, 'four of three');
select throws_ok(
  'update public.jobforge_jobs set attempts = -1', '23514', null, 'or less than none');

select * from finish();
rollback;
