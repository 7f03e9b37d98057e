begin;
select plan(1);

select tests.enqueue('job');
select throws_ok(
  'update public.jobforge_queues set paused = true, runnable = true', '23514', null,
  'claims must not look at it');

select * from finish();
rollback;
