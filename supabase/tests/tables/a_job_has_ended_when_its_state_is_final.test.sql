begin;
select plan(5);

select tests.enqueue('job');
select throws_ok(
  format('update public.jobforge_jobs set status = %L', status), '23514', null,
  status || ' needs the time of its end')
from unnest('{succeeded,failed,dead,canceled}'::text[]) as status;
select throws_ok(
  'update public.jobforge_jobs set finished_at = now()', '23514', null, 'queued has none');

select * from finish();
rollback;
