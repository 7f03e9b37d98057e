begin;
select plan(2);

select tests.enqueue('job');
select throws_ok($$ update jobforge.jobs set status = 'done' $$, '23514', null, 'done is none');
select throws_ok($$ update jobforge.jobs set status = 'running' $$, '23514', null,
  'running is a place, no status of a body');

select * from finish();
rollback;
