begin;
select plan(2);

select tests.enqueue('job');
select throws_ok(
  $$ update public.jobforge_jobs set status = 'done', finished_at = now() $$, '23514', null,
  'done is none');
select throws_ok('update public.jobforge_jobs set status = null', '23502', null, 'nor is null');

select * from finish();
rollback;
